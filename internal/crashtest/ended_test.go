package crashtest

import (
	"context"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/internal/fixture/matrix"
	"frontdesk/internal/pg/pgtest"
)

// TestConnectionsEndedOneByOne: an administrator, a pooler or a network in between ends single connections of two processes, in the middle of
// whatever they do.
func TestConnectionsEndedOneByOne(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	ours := strings.ReplaceAll(url, "sslmode", "application_name=hog&sslmode")
	h := openHouse(t, matrix.Of(t, 7), func() string { return ours }, "FRONTDESK_DATABASE_URL="+url, "FRONTDESK_DATA_DIR="+t.TempDir())
	l, err := net.Listen("tcp", "127.0.0.1:0")
	h.ok(err)
	second := append([]string{}, h.env...)
	second = append(second, "FRONTDESK_LISTEN="+l.Addr().String(), "FRONTDESK_DATA_DIR="+t.TempDir())
	l.Close()
	other := spawn(t, "serve", second...)
	until(t, "the second process", func() bool {
		a, err := h.browser.Get("http://" + l.Addr().String() + "/readyz")
		if err != nil {
			return false
		}
		a.Body.Close()
		return a.StatusCode == http.StatusOK
	})
	admin, err := pgx.Connect(t.Context(), ours)
	h.ok(err)
	defer admin.Close(context.Background())
	tick := time.NewTicker(25 * time.Millisecond)
	defer tick.Stop()
	ended := 0
	for ended < 120 {
		if h.came < 300 {
			h.work(5)
		}
		for range 5 {
			<-tick.C
			var n int
			h.ok(admin.QueryRow(t.Context(), `
				SELECT count(pg_terminate_backend(pid)) FROM (SELECT pid FROM pg_stat_activity
					WHERE datname = current_database() AND application_name <> 'hog' AND backend_type = 'client backend'
					ORDER BY state = 'idle', random() LIMIT 1) x`).Scan(&n))
			ended += n
		}
	}
	h.row.Injected("%d connections ended one by one, of two processes", ended)
	h.recovers()
	other.stop()
}
