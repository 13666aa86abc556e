package mail

import (
	"iter"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Language guesses the language of a text: "en", "pl", "de", or "other" for
// every other one and for texts that say too little. It chooses the search
// configuration and the language of automatic replies (DECISIONS, Text), so
// "other" is the safe answer. Only what is new counts: quoted history and
// addresses do not. At most the first few thousand words are read.
//
// The guess counts small words, letters and endings. On a dozen words that
// does as well as n-gram profiles, which need whole sentences, and it needs
// no tables of megabytes.
func Language(text string) string {
	if at := QuoteAt(text); at >= 0 {
		text = text[:at]
	}
	var scores [tongues]float64
	words, letters, foreign := 0, 0, 0
	for word := range wordsOf(text[:min(len(text), 20_000)]) {
		if len(word) > 60 {
			continue
		}
		words++
		word = strings.ToLower(word)
		for _, r := range word {
			letters++
			if r >= utf8.RuneSelf && !unicode.Is(unicode.Latin, r) {
				foreign++
			}
		}
		scoreWord(&scores, word)
	}
	if words == 0 || foreign*2 > letters {
		return "other"
	}
	return bestLanguage(scores, words)
}

// wordsOf gives the words of a text but those of addresses.
func wordsOf(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for piece := range strings.FieldsSeq(text) {
			if mayHoldAddress(piece) {
				piece = addresses.ReplaceAllString(piece, " ")
			}
			for word := range strings.FieldsFuncSeq(piece, notLetter) {
				if !yield(word) {
					return
				}
			}
		}
	}
}

// notLetter splits words; an apostrophe is part of one.
func notLetter(r rune) bool {
	return !unicode.IsLetter(r) && r != '\'' && r != '’'
}

func scoreWord(scores *[tongues]float64, word string) {
	word = strings.ReplaceAll(word, "’", "'")
	for _, t := range smallWords[word] {
		scores[t]++
	}
	for _, r := range word {
		if r < utf8.RuneSelf {
			continue
		}
		for _, t := range ownLetters[r] {
			scores[t] += 0.8
		}
	}
	if len(word) <= 5 {
		return
	}
	last := -1 // one ending of a language counts
	for _, e := range wordEndings[word[len(word)-1]] {
		if e.tongue != last && strings.HasSuffix(word, e.text) {
			scores[e.tongue] += 0.4
			last = e.tongue
		}
	}
}

// bestLanguage wants a lead, and enough signs for the number of words.
func bestLanguage(scores [tongues]float64, words int) string {
	best, first, second := 0, 0.0, 0.0
	for t, score := range scores {
		switch {
		case score > first:
			best, first, second = t, score, first
		case score > second:
			second = score
		}
	}
	if first <= second || first < 0.8 || first < float64(words)*0.08 || best >= known {
		return "other"
	}
	return tongueNames[best]
}

// The languages are numbers while words are weighed: those that are told first.
const (
	tongues = 16
	known   = 3
)

var tongueNames = [tongues]string{"en", "pl", "de", "fr", "es", "it", "nl", "pt", "cs", "sv", "da", "hu", "tr", "ro", "fi", "hr"}

// ownLetters are the letters that tell languages with Latin script apart.
var ownLetters = numbered(map[rune][]string{
	'ą': {"pl"}, 'ę': {"pl"}, 'ł': {"pl"}, 'ś': {"pl"}, 'ź': {"pl"}, 'ż': {"pl"}, 'ć': {"pl", "hr"}, 'ń': {"pl"},
	'ó': {"pl", "es", "hu", "cs", "pt"},
	'ß': {"de"}, 'ä': {"de", "sv", "fi"}, 'ö': {"de", "sv", "hu", "fi", "tr"}, 'ü': {"de", "hu", "tr"},
	'é': {"fr", "es", "cs", "hu", "pt"}, 'è': {"fr", "it"}, 'à': {"fr", "it", "pt"}, 'ç': {"fr", "pt", "tr"}, 'ê': {"fr", "pt"},
	'ô': {"fr"}, 'û': {"fr"}, 'î': {"fr", "ro"}, 'ù': {"fr", "it"}, 'ò': {"it"}, 'ì': {"it"},
	'ñ': {"es"}, 'á': {"es", "cs", "hu", "pt"}, 'í': {"es", "cs", "hu", "pt"}, 'ú': {"es", "cs", "hu"},
	'ã': {"pt"}, 'õ': {"pt", "hu"}, 'å': {"sv", "da"}, 'ø': {"da"}, 'æ': {"da"},
	'ř': {"cs"}, 'ě': {"cs"}, 'ů': {"cs"}, 'č': {"cs", "hr"}, 'š': {"cs", "hr"}, 'ž': {"cs", "hr"}, 'ý': {"cs"}, 'ď': {"cs"}, 'ť': {"cs"},
	'ő': {"hu"}, 'ű': {"hu"}, 'ı': {"tr"}, 'ş': {"tr", "ro"}, 'ğ': {"tr"}, 'ă': {"ro"}, 'ț': {"ro"}, 'ș': {"ro"}, 'đ': {"hr"},
})

// wordEndings are grouped by their last byte, those of one language in a row.
var wordEndings = byLastByte(map[string][]string{
	"en": {"tion", "ing", "ness", "ment", "able", "ally", "n't", "'ve", "'re", "'ll"},
	"de": {"ung", "ungen", "lich", "liche", "lichen", "keit", "heit", "schaft", "ieren", "iert", "isch", "igen"},
	"pl": {"nie", "nia", "ość", "ości", "cie", "nych", "nego", "ować", "wać", "szy", "ałem", "iłem", "ałam", "iłam", "emy", "imy", "anie", "enie"},
	"fr": {"tion", "ment", "eur", "euse", "aient", "ions", "eux"},
	"es": {"ción", "mente", "ando", "iendo", "dad"},
	"it": {"zione", "mente", "ando", "endo", "tà"},
	"nl": {"lijk", "heid", "ingen", "aar"},
	"pt": {"ção", "mente", "ando"},
	"cs": {"ení", "ost", "ného"},
	"sv": {"ning", "ingen", "arna", "erna"},
})

// smallWords says which languages a word is small in.
var smallWords = smallWordTable(map[string]string{
	"en": `the and you your is are was were have has had not this that with for from please thanks thank hello hi dear can could
		would will what when where how i i'm i've my me we our us it its it's of to on at be been do does did don't doesn't
		didn't can't cannot there any if or but by an as so no yes still again after order help need want get got
		invoice password login account working works work sorry regards best morning he she they which who why just
		about more some all again now since yesterday today tomorrow a in received customer delivery
		see attached wrong urgent refund`,
	"de": `der die das und ist nicht ich sie wir ihr ihre ihren mein meine meinen meiner mit für von zu zum zur den dem des ein eine
		einen einem einer auf im bitte danke vielen dank hallo guten tag morgen sehr geehrte geehrter liebe lieber grüße gruß
		kann können konnte habe haben hat hatte wurde werden wird bin sind war aber auch noch nur schon wie was wann wo warum
		mir mich uns ihnen es an bei nach seit über um als wenn dass da hier jetzt immer wieder kein keine keinen rechnung
		bestellung passwort konto leider heute gestern doch mal oder durch so funktioniert geht gibt freundlichen mfg in
		dieser diese dieses diesem diesen wer ab bis ihrer ihrem unser unsere unseren sehr mehr alle muss müssen soll möchte
		brauche nie siehe anhang erhalten falsche zwei drei sich man hat's viele am alles gut ja nein rückmeldung`,
	"pl": `i w na nie się jest do z ze że to o co jak po za od dla czy ale mam ma są był była było być mnie mi mój moja moje nam nas
		proszę prosze dziękuję dziekuje dzięki dzień dobry dzien witam cześć czesc pozdrawiam państwa państwo pan pani panie bardzo już juz
		tylko jeszcze mogę moge może moze można mozna nadal teraz kiedy gdzie dlaczego który która które ten ta te tym tej
		tego przez przy oraz lub jeśli jesli aby żeby zeby bo więc wiec też tez faktura fakturę fakture faktury zamówienie zamówienia
		hasło haslo konto konta problem działa dziala mogą moga nic brak pilne paczka chciałbym chciałabym chcę chce
		otrzymałem otrzymałam wysłać wczoraj dzisiaj dziś jutro u zmiana adresu reklamacja zły zly we sprawie pomoc pomocy nie gdy tak sie ich jego jej`,
	"fr": `le la les et est pas je vous nous un une des du de que qui pour dans avec sur au aux ce cette mon ma mes votre vos bonjour
		merci ne plus mais ou où comment quand pourquoi être avoir j'ai c'est n'est d'un s'il en il elle sont était facture commande cordialement`,
	"es": `el la los las y es no yo usted un una de del que para con por en mi su sus hola gracias buenos días pero como cuando
		donde está estoy tengo ha he más muy se lo al este esta favor factura pedido saludos puedo`,
	"it": `il la lo gli le e è non io un una di del della che per con in mi suo ciao grazie buongiorno ma come quando dove sono
		ho ha più molto si al questo questa fattura ordine saluti posso vorrei della nel`,
	"nl": `de het een en is niet ik u wij we van voor met op te dat die dit mijn uw hallo bedankt dank goedemorgen maar hoe wanneer
		waar kan kunt heb heeft zijn was ook nog naar bij aan om als er factuur bestelling groeten graag geen wachtwoord beste deze`,
	"pt": `o a os as e é não eu você um uma de do da que para com por em meu minha seu olá obrigado obrigada bom dia mas como
		quando onde está estou tenho mais muito se ao este esta fatura pedido no na`,
	"cs": `a je se na že v s z do to není jsem jste si pro ale jak kdy kde co mám máte prosím děkuji dobrý den dobry ahoj už jen ještě
		mohu může který která objednávka faktura faktury nefunguje po od při by být byl bylo pozdravem vám nám dekuji prosim jsou`,
	"sv": `och är inte jag du vi en ett det den som för med på av till har hade kan min mitt hej tack men hur när var om från
		att så nu faktura hälsningar mig fungerar`,
	"da": `og er ikke jeg du vi en et det den som for med på af til har havde kan min mit hej tak men hvordan hvornår om fra
		at så nu faktura hilsen mig`,
	"hu": `a az és nem van hogy egy én ez is de ha már csak kérem köszönöm üdvözlettel jó napot szia számla rendelés nekem`,
	"tr": `ve bir bu için ile değil ben merhaba teşekkürler lütfen nasıl ama çok var yok fatura sipariş da de`,
	"ro": `și si nu este un o de la cu pentru în am bună ziua mulțumesc multumesc vă că pe sunt factura comanda`,
	"fi": `ja on ei en että se hei kiitos mutta miten kun tämä minun voi ole olen lasku tilaus`,
	"hr": `i je se na da nije u za od što kako hvala molim dobar dan pozdrav ali moj sam račun narudžba`,
})

func smallWordTable(lists map[string]string) map[string][]int {
	table := map[string][]string{}
	for language, list := range lists {
		for word := range wordSet(list) {
			table[word] = append(table[word], language)
		}
	}
	return numbered(table)
}

func numbered[K comparable](table map[K][]string) map[K][]int {
	out := make(map[K][]int, len(table))
	for k, languages := range table {
		for _, l := range languages {
			t := slices.Index(tongueNames[:], l)
			_ = tongueNames[t] // a name that is none ends the program here, at its start
			out[k] = append(out[k], t)
		}
	}
	return out
}

type ending struct {
	text   string
	tongue int
}

func byLastByte(lists map[string][]string) (out [256][]ending) {
	for t, language := range tongueNames {
		for _, e := range lists[language] {
			last := e[len(e)-1]
			out[last] = append(out[last], ending{e, t})
		}
	}
	return out
}
