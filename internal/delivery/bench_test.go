package delivery

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"frontdesk/internal/fixture/mailworld"
	"frontdesk/internal/mailbox"
	"frontdesk/internal/outbox"
)

// BenchmarkFlush is the whole way of a letter from its row to the sink, four connections; BenchmarkBare is what the same client does with the
// same letter without rows (PERFORMANCE, sent a second).
func BenchmarkFlush(b *testing.B) {
	sink := mailworld.StartSink(b)
	d := atSink(b, sink)
	s := d.sender()
	for range b.N {
		d.write(written{text: strings.Repeat("A sentence of some length for the customer.\n", 40), to: []outbox.Recipient{{Address: alice, Kind: "to"}}})
	}
	b.ResetTimer()
	d.once(s)
	b.StopTimer()
	if n := len(sink.Ledger()); n != b.N {
		b.Fatalf("%d of %d", n, b.N)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "letters/s")
}

func BenchmarkBare(b *testing.B) {
	sink := mailworld.StartSink(b)
	a := mailbox.Account{SMTP: mailbox.Server{Host: mailworld.Host, Port: sink.Port, TLS: mailbox.StartTLS, User: support}, Password: "pw",
		CAPEM: sink.CAPEM, Policy: mailbox.Policy{AllowPrivate: true}}
	raw := []byte(strings.Repeat("A sentence of some length for the customer.\r\n", 90))
	var left atomic.Int64
	left.Store(int64(b.N))
	var wg sync.WaitGroup
	b.ResetTimer()
	for range 4 {
		wg.Go(func() {
			c, err := mailbox.DialSMTP(b.Context(), a)
			if err != nil {
				b.Error(err)
				return
			}
			defer c.Close()
			for left.Add(-1) >= 0 {
				c.Send(b.Context(), mailbox.Envelope{From: support, To: []string{alice}}, int64(len(raw)), bytes.NewReader(raw), func(context.Context) error { return nil })
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	if n := len(sink.Ledger()); n != b.N {
		b.Fatalf("%d of %d", n, b.N)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "letters/s")
}
