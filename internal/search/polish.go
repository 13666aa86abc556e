package search

import (
	"slices"
	"strings"
)

// Postgres knows no Polish stems. A Polish word of six letters and more is looked for by its beginning, without the ending it may have in
// another case or person; a shorter one with the endings it may have (DECISIONS, Text). Words come folded: "fakturę" is "fakture". That does no
// harm to words of other languages: what fits exactly stands first.

// endings are cut off, longest first.
var endings = longestFirst(strings.Fields(`
	owaniami owaniach owaniem owania owaniu owanie owalismy owalam owalem owala owali owal
	eniami eniach eniem enia eniu enie aniami aniach aniem ania aniu anie eniom aniom
	alismy elismy ilismy ylismy alam alem ilam ilem ylam ylem elam elem
	iejszego iejszej ejszych iejsze iejszy iejsza
	osciami osciach oscia osci osc
	owych owymi owego owemu owej owym owa owe owy
	ymi imi ych ich ego emu iej ej ym im
	ami ach owi ow om iem em ie ia iu ii
	ac ec ic yc al el il yl
	a e i o u y`))

// tails are what short words end in.
var tails = strings.Fields(`a e i o u y ie em ow om ami ach`)

func longestFirst(list []string) []string {
	slices.SortStableFunc(list, func(a, b string) int { return len(b) - len(a) })
	return list
}

// beginnings are what a long word and its other forms begin with.
func beginnings(word string) []string {
	stem := word
	if len(word) >= 7 { // what has no known ending: reklamacj, przesylek
		stem = word[:len(word)-1]
	}
	for _, e := range endings {
		if s, ok := strings.CutSuffix(word, e); ok && (len(s) >= 5 || len(s) == 4 && len(e) > 1) {
			stem = s
			break
		}
	}
	return append(append([]string{stem}, moving(stem)...), moving(word)...)
}

// moving are forms in which a letter comes or goes before the last one: przesyłka, przesyłek, przesyłce; września,
// wrzesień; hasło, haseł; fakturze, faktura.
func moving(stem string) []string {
	n := len(stem)
	if n < 4 {
		return nil
	}
	before, last := stem[:n-1], stem[n-1]
	consonant := !strings.ContainsRune("aeiouy", rune(stem[n-2]))
	switch {
	case strings.HasSuffix(stem, "rz"):
		return []string{before}
	case strings.HasSuffix(stem, "ien"):
		return []string{stem[:n-3] + "n"}
	case strings.HasSuffix(stem, "ek"):
		return []string{stem[:n-2] + "k", stem[:n-2] + "c"}
	case strings.HasSuffix(stem, "el"):
		return []string{stem[:n-2] + "l"}
	case last == 'l' && consonant:
		return []string{before + "el"}
	case last == 'k' && consonant:
		return []string{before + "ek", before + "c"}
	case last == 'c' && consonant:
		return []string{before + "k", before + "ek"}
	case last == 'n' && consonant:
		return []string{before + "ien", before + "en"}
	}
	return nil
}

// shortForms are a word of three to five letters with other endings.
func shortForms(word string) []string {
	stem := strings.TrimRight(word, "aeiouy")
	if len(stem) < 3 {
		return nil
	}
	var out []string
	for _, s := range slices.Concat([]string{stem}, moving(stem), softened(stem)) {
		out = append(out, s)
		for _, t := range tails {
			out = append(out, s+t)
		}
	}
	return slices.DeleteFunc(out, func(s string) bool { return s == word })
}

// softened is a stem as it is before an e: zwrocie, wodzie, numerze.
func softened(stem string) []string {
	before := stem[:len(stem)-1]
	switch stem[len(stem)-1] {
	case 't':
		return []string{before + "ci"}
	case 'd':
		return []string{before + "dzi"}
	case 'r':
		return []string{stem + "z"}
	}
	return nil
}

// smallPolish are words that stand in nearly every Polish text; Postgres brings such lists for English and German.
var smallPolish = map[string]bool{}

func init() {
	for w := range strings.FieldsSeq(`i w z o a do na od za po nie sie jest to ze co jak ale czy dla mi mnie moj moja moje ten ta te tym tej tego
		przez przy oraz lub juz jeszcze tylko gdzie kiedy mam ma sa byl bylo byla prosze prosba jestem moge mozna`) {
		smallPolish[w] = true
	}
}
