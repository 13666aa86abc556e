package web

import (
	"net/http"
	"strings"

	"frontdesk/internal/text"
	"frontdesk/templates/href"
)

// pagePolicy is the content policy of our own pages (DECISIONS, Web edge). The message frame and downloads set their own.
const pagePolicy = "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; style-src-attr 'unsafe-inline'; " +
	"base-uri 'none'; form-action 'self'; frame-src 'self'; frame-ancestors 'none'; object-src 'none'"

const noSensors = "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), " +
	"payment=(), publickey-credentials-get=(), screen-wake-lock=(), serial=(), usb=(), xr-spatial-tracking=()"

// headers go out with every answer, errors too.
func (s *Server) headers(next http.Handler) http.Handler {
	// Without https a browser sends no Sec-Fetch-Site, and under no-referrer a form's Origin is "null" (Fetch, 3.2): our own forms would be
	// taken for foreign ones. same-origin tells other sites as little.
	referrer := "no-referrer"
	if s.insecure() {
		referrer = "same-origin"
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", pagePolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", referrer)
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", noSensors)
		h.Set("X-Frame-Options", "DENY")
		h.Set("X-Robots-Tag", "noindex, nofollow")
		h.Set("Cache-Control", noStore)
		if s.https() {
			h.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
		}
		next.ServeHTTP(w, r)
	})
}

// sameSite refuses requests that another site makes a browser send (RELIABILITY C24).
func (s *Server) sameSite() *http.CrossOriginProtection {
	p := http.NewCrossOriginProtection()
	if err := p.AddTrustedOrigin(s.base.Scheme + "://" + s.base.Host); err != nil {
		panic(err) // config has proved the address
	}
	p.SetDenyHandler(s.do(func(http.ResponseWriter, *http.Request) error { return errStrange }))
	return p
}

// onlyWhatPagesAskFor refuses to serve anything but /static/ as script, style or plug-in: whatever a stranger has us keep, no page of ours
// can be made to run it (RELIABILITY C2).
func (s *Server) onlyWhatPagesAskFor(next http.Handler) http.Handler {
	refuse := s.do(func(http.ResponseWriter, *http.Request) error { return errStrange })
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Header.Get("Sec-Fetch-Dest") {
		case "script", "style", "worker", "sharedworker", "serviceworker", "audioworklet", "paintworklet", "xslt", "object", "embed":
			if !strings.HasPrefix(r.URL.Path, href.StaticRoot) {
				refuse(w, r)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// inLanguage reads in the language the browser or the address asks for, until the agent is known.
func (s *Server) inLanguage(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		lang := text.Match(r.Header.Get("Accept-Language"))
		next.ServeHTTP(w, r.WithContext(text.With(r.Context(), text.For(lang))))
	})
}
