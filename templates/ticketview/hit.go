package ticketview

// Hit is why a search lists a ticket: what one message says, with the words that were found.
type Hit struct {
	Subject []Piece // with the words marked
	Who     string  // who wrote the message
	Comment bool    // for us only
	Text    []Piece
}

// Piece is a stretch of text; Mark says that it was found.
type Piece struct {
	Text string
	Mark bool
}

// Searched stands above what a search found, where there is something to say about it.
type Searched struct {
	Note   string
	Action string
	Href   string
}
