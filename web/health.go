package web

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"frontdesk/internal/pg"
	"frontdesk/migrations"
)

// health says that the process answers, whatever else is the matter.
func (s *Server) health(w http.ResponseWriter, _ *http.Request) error {
	return plain(w, http.StatusOK, "ok")
}

// ready says whether requests can be served: the database answers within 2 s and has room, its schema is ours, and the process is not stopping. The
// reason for a refusal is for the log, not for strangers.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) error {
	if s.draining.Load() {
		return plain(w, http.StatusServiceUnavailable, "stopping")
	}
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	have, err := pg.One[int64](ctx, s.db, `SELECT COALESCE(max(version_id), 0) FROM goose_db_version WHERE is_applied`)
	if err == nil {
		err = s.db.Room(ctx)
	}
	if err != nil || have < newest() {
		s.log.WarnContext(ctx, "not ready", "err", err, "schema", have, "wanted", newest())
		return plain(w, http.StatusServiceUnavailable, "not ready")
	}
	return plain(w, http.StatusOK, "ready")
}

// newest is the number of the last migration this program knows.
func newest() (version int64) {
	files, err := migrations.Files.ReadDir(".")
	if err != nil {
		panic(err) // embedded
	}
	for _, f := range files {
		var n int64
		if _, err := fmt.Sscanf(f.Name(), "%d_", &n); err == nil {
			version = max(version, n)
		}
	}
	return version
}

func plain(w http.ResponseWriter, code int, s string) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(code)
	_, err := io.WriteString(w, s+"\n")
	return err
}
