package mailbox_test

import (
	"bytes"
	"fmt"
	"io"
	"testing"

	"frontdesk/internal/fixture/mailworld"
	"frontdesk/internal/mailbox"
)

// BenchmarkFetchBatch is intake's way to small mail; the bare limit stands in PERFORMANCE (33,600 a second in batches of 200).
func BenchmarkFetchBatch(b *testing.B) {
	w := mailworld.Start(b, mailworld.Options{NoExim: true})
	const n = 2000
	if err := w.Deliver("support@desk.test", letters(n, 11_500)...); err != nil {
		b.Fatal(err)
	}
	m, err := mailbox.Connect(b.Context(), accountIn(w, "support@desk.test"))
	if err != nil {
		b.Fatal(err)
	}
	defer m.Close()
	if _, err := m.Select(b.Context(), "INBOX"); err != nil {
		b.Fatal(err)
	}
	uids, err := m.Unseen(b.Context(), 1)
	if err != nil {
		b.Fatal(err)
	}
	metas, err := m.Envelopes(b.Context(), uids)
	if err != nil {
		b.Fatal(err)
	}
	for _, size := range []int{1, 50, 200} {
		b.Run(fmt.Sprintf("of%d", size), func(b *testing.B) {
			for b.Loop() {
				for at := 0; at+size <= n; at += size {
					if _, err := m.FetchBatch(b.Context(), metas[at:at+size], func(_ mailbox.Meta, body io.Reader) error {
						_, err := io.Copy(io.Discard, body)
						return err
					}); err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "mails/s")
		})
	}
}

// BenchmarkSend is one kept connection to a sink that only counts (bare: 3,890 a second).
func BenchmarkSend(b *testing.B) {
	sink, err := mailworld.RunSink()
	if err != nil {
		b.Fatal(err)
	}
	defer sink.Stop()
	s, err := mailbox.DialSMTP(b.Context(), sinkAccount(sink))
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	raw := letter(1, 11_500)
	for b.Loop() {
		r := s.Send(b.Context(), mailbox.Envelope{From: "a@b.test", To: []string{"c@d.test"}}, int64(len(raw)), bytes.NewReader(raw), committed)
		if r.Outcome != mailbox.Sent {
			b.Fatal(r)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "mails/s")
}
