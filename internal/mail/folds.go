package mail

// folds are what of a mail may be history.
type folds int

const (
	foldNothing folds = iota
	foldMarked        // quotes: what stands below nothing but a header block or a separator is new
	foldAll
)
