package pg

// Literal is a text of a statement as a part of a LIKE pattern that stands for itself.
func Literal(expression string) string {
	return `regexp_replace(` + expression + `, '[\\%_]', '\\\&', 'g')`
}
