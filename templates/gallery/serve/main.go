// Command serve shows the gallery in a browser: /gallery, /gallery/NAME?theme=dark&lang=pl. For whoever works on the pages; it is no part of the product.
package main

import (
	"flag"
	"log"
	"net/http"
	"time"

	"frontdesk/templates/gallery"
	"frontdesk/templates/href"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:8899", "address")
	flag.Parse()
	log.Printf("http://%s%s", *listen, href.Gallery)
	server := &http.Server{Addr: *listen, Handler: gallery.Stage(), ReadHeaderTimeout: 10 * time.Second}
	log.Fatal(server.ListenAndServe())
}
