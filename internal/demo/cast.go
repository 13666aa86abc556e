package demo

import "strings"

// customer is somebody who bought something from Linden & Wald. All of them are made up.
type customer struct {
	email, name, language string
	answers               []string // to whatever they are told
}

// story is how a ticket begins; # stands for an order number.
type story struct {
	from    int // index of the customer
	subject string
	text    string
	picture bool
}

var english = []string{
	"Thank you for the quick answer, that helps. One more question: can I change the delivery day to Friday?",
	"Great, that works for me.\nI will be at home all morning.",
	"Thanks! I tried it and it worked. You can close this one.",
	"I see. Could you tell me how long the exchange takes? We have guests on Saturday.",
}

var polish = []string{
	"Dziękuję za szybką odpowiedź. Czy mogę jeszcze zmienić dzień dostawy na piątek?",
	"Świetnie, tak będzie dobrze.\nBędę w domu całe przedpołudnie.",
	"Dziękuję, zadziałało! Sprawę można zamknąć.",
	"Rozumiem. A ile potrwa wymiana? W sobotę mamy gości.",
}

var german = []string{
	"Vielen Dank für die schnelle Antwort. Kann ich den Liefertag noch auf Freitag ändern?",
	"Prima, das passt mir gut.\nIch bin den ganzen Vormittag zu Hause.",
	"Danke, es hat geklappt! Sie können das schließen.",
	"Verstehe. Wie lange dauert denn der Umtausch? Am Samstag haben wir Gäste.",
}

var customers = []customer{
	{"agnieszka@pracownia-aw.example", "Agnieszka Wiśniewska", "pl", polish},
	{"henrike.vogt@kanzlei-vogt.example", "Dr. Henrike Vogt", "de", german},
	{"tomasz.lewandowski@poczta.example", "Tomasz Lewandowski", "pl", polish},
	{"juergen.hoffmann@brief.example", "Jürgen Hoffmann", "de", german},
	{"sophie@lindqvist.example", "Sophie Lindqvist", "en", english},
	{"oliver.braun@studio-braun.example", "Oliver Braun", "de", german},
	{"zofia.kaminska@poczta.example", "Zofia Kamińska", "pl", polish},
	{"helen@marshhome.example", "Helen Marsh", "en", english},
	{"jan@studio-forma.example", "Jan Kaczmarek", "pl", polish},
	{"annika.becker@brief.example", "Annika Becker", "de", german},
	{"liam.okafor@post.example", "Liam Okafor", "en", english},
	{"petra@neumann.example", "Petra Neumann", "de", german},
}

// known tells whether the demo's provider has such a customer.
func known(address string) bool {
	for _, c := range customers {
		if c.email == strings.ToLower(address) {
			return true
		}
	}
	return strings.EqualFold(address, supportAddress)
}

var stories = []story{
	{0, "Lampa Halle dotarła z pękniętym kloszem", "Dzień dobry,\n\nlampa Halle z zamówienia # dotarła dziś rano. Po otwarciu kartonu zobaczyłam pęknięcie na kloszu. Zdjęcie w załączniku.\n\nLampa ma stać na otwarciu pracowni w sobotę. Czy jest szansa na wymianę do piątku?\n\nPozdrawiam serdecznie\nAgnieszka Wiśniewska", true},
	{1, "Rechnung zu #: falsche USt-IdNr.", "Guten Tag,\n\nauf der Rechnung zur Bestellung # steht eine falsche Umsatzsteuer-Identifikationsnummer. Bitte senden Sie uns eine berichtigte Rechnung.\n\nMit freundlichen Grüßen\nDr. Henrike Vogt\nKanzlei Vogt", false},
	{2, "Gdzie jest moja paczka? Miała być wczoraj", "Witam,\n\nzamówienie # miało przyjść wczoraj, a status przesyłki nie zmienia się od trzech dni. Proszę sprawdzić, co się dzieje.\n\nTomasz Lewandowski", false},
	{3, "Kündigung der Bestellung #", "Sehr geehrte Damen und Herren,\n\nhiermit widerrufe ich die Bestellung #. Die Ware ist noch nicht bei mir eingetroffen. Bitte bestätigen Sie den Widerruf.\n\nJürgen Hoffmann", false},
	{4, "Question about the oak finish on the Halle desk", "Hello,\n\nis the oak finish on the Halle desk oiled or lacquered? We have small children and need something that survives juice.\n\nKind regards\nSophie Lindqvist", false},
	{5, "Discount code HERBST26 not accepted at checkout", "Hallo,\n\nder Code HERBST26 wird an der Kasse nicht angenommen, obwohl er laut Newsletter bis Ende des Monats gilt. Können Sie helfen?\n\nViele Grüße\nOliver Braun", false},
	{6, "Zwrot krzesła Olga, uszkodzone opakowanie", "Dzień dobry,\n\nkrzesło Olga z zamówienia # przyszło w rozdartym kartonie i ma rysę na nodze. Chciałabym je zwrócić. Jak to zrobić?\n\nZofia Kamińska", true},
	{7, "Spare bulb for Lampa Nocna, type E14 or G9?", "Hi there,\n\nthe bulb of my Lampa Nocna went out. Which one do I need, E14 or G9? The label has worn off.\n\nThanks\nHelen", false},
	{8, "Oferta na recepcję, poprawiony plan", "Dzień dobry,\n\nprzesyłam uwagi do oferty na meble do recepcji: lada o 20 cm krótsza, dwa fotele zamiast trzech. Proszę o nową wycenę do końca tygodnia.\n\nJan Kaczmarek\nStudio Forma", false},
	{9, "Zwei Rechnungen für eine Bestellung", "Guten Morgen,\n\nich habe für die Bestellung # zwei Rechnungen erhalten, beide über den vollen Betrag. Welche soll ich bezahlen?\n\nAnnika Becker", false},
	{10, "Wrong colour delivered: birch instead of walnut", "Hello,\n\nI ordered the Ula shelf in walnut (order #) and received birch. The packaging says walnut, the shelf does not agree.\n\nLiam Okafor", true},
	{11, "Montageanleitung fehlt im Paket", "Hallo,\n\nim Paket zur Bestellung # lag keine Montageanleitung für den Schrank Brygida. Können Sie mir eine schicken?\n\nDanke\nPetra Neumann", false},
	{4, "Delivery to the third floor, no lift", "Hello,\n\nour order # is a dining table for twelve. We live on the third floor without a lift. Will the carriers bring it up, or do we need to ask friends?\n\nSophie Lindqvist", false},
	{10, "Charged twice for order #", "Hi,\n\nmy card was charged twice for order #. Please send one of the two amounts back.\n\nLiam", false},
	{2, "Zmiana adresu dostawy zamówienia #", "Dzień dobry,\n\nproszę o zmianę adresu dostawy zamówienia # na: ul. Długa 12/4, 61-848 Poznań.\n\nDziękuję\nTomasz Lewandowski", false},
	{9, "Bitte um Korrektur der Lieferadresse", "Guten Tag,\n\nbitte liefern Sie die Bestellung # an meine Arbeitsstelle: Hafenstraße 8, 20457 Hamburg. Geht das noch?\n\nAnnika Becker", false},
}
