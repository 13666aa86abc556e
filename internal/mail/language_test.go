package mail

import (
	"strings"
	"testing"
)

// Short texts as customers write them, with and without diacritics.
var languageSamples = map[string][]string{
	"en": {
		"Hello, I can't log in to my account since yesterday. Please help.",
		"The invoice is wrong.",
		"Where is my order?",
		"Thanks, that worked!",
		"Any news on this?",
		"Please cancel my subscription.",
		"Hi team,\nthe printer on the 2nd floor is still offline.\nBest regards\nTom",
		"Could you send me the invoice for March again?",
		"My password does not work and I need to get in before noon.",
		"Two of the three parcels arrived damaged, see the pictures.",
		"Dear Sir or Madam, we would like to change the delivery address.",
		"It still doesn't work.",
		"what does error 0x80070005 mean",
		"Can I get a refund for the second item?",
		"I have attached a screenshot of the error message.",
		"Good morning, who is responsible for our contract now?",
		"Yes, please do.",
		"Is there any way to export all of our data as CSV?",
		"Thank you for the quick answer!",
		"We were charged twice this month.",
	},
	"pl": {
		"Dzień dobry, nie mogę się zalogować do swojego konta.",
		"Faktura jest błędna.",
		"Gdzie jest moja paczka?",
		"Dziękuję, działa!",
		"Czy są jakieś nowości w tej sprawie?",
		"Proszę o anulowanie zamówienia.",
		"Witam, drukarka na drugim piętrze nadal nie działa. Pozdrawiam, Jan",
		"Poproszę o ponowne przesłanie faktury za marzec.",
		"dzien dobry, nie moge sie zalogowac od wczoraj, prosze o pomoc",
		"czy mozna zmienic adres dostawy?",
		"Dwie z trzech paczek przyszły uszkodzone, zdjęcia w załączniku.",
		"Szanowni Państwo, chcielibyśmy zmienić adres dostawy.",
		"Nadal to samo.",
		"prosze o fakture",
		"Co oznacza ten błąd?",
		"Ile kosztuje wysyłka do Niemiec?",
		"Jestem bardzo zadowolona z obsługi, dziękuję!",
		"Haslo nie dziala",
		"Kiedy otrzymam zwrot pieniędzy?",
		"Ok, dzięki za szybką odpowiedź",
	},
	"de": {
		"Guten Tag, ich kann mich seit gestern nicht anmelden. Bitte helfen Sie mir.",
		"Die Rechnung ist falsch.",
		"Wo bleibt meine Bestellung?",
		"Danke, es funktioniert!",
		"Gibt es schon etwas Neues?",
		"Bitte kündigen Sie mein Abonnement.",
		"Hallo zusammen,\nder Drucker im 2. Stock geht immer noch nicht.\nViele Grüße\nTom",
		"Können Sie mir die Rechnung für März noch einmal schicken?",
		"Mein Passwort geht nicht und ich muss vor Mittag rein.",
		"Zwei der drei Pakete sind beschädigt angekommen, siehe Bilder.",
		"Sehr geehrte Damen und Herren, wir möchten die Lieferadresse ändern.",
		"Es geht leider immer noch nicht.",
		"koennen sie mir bitte helfen",
		"Was bedeutet dieser Fehler?",
		"Im Anhang finden Sie ein Foto der Fehlermeldung.",
		"Vielen Dank für die schnelle Antwort!",
		"Wer ist jetzt für unseren Vertrag zuständig?",
		"Ja, bitte.",
		"Uns wurde diesen Monat zweimal abgebucht.",
		"Wann kommt der Techniker?",
	},
	"other": {
		"", "   ", "12345", "https://example.test/a/b?c=the", "ok", "AX-4711",
		"Bonjour, je ne peux plus me connecter à mon compte depuis hier. Merci de votre aide.",
		"La facture est fausse.",
		"Hola, no puedo entrar en mi cuenta desde ayer. ¿Me pueden ayudar?",
		"Buongiorno, non riesco ad accedere al mio account da ieri.",
		"Goedemorgen, ik kan sinds gisteren niet meer inloggen op mijn account.",
		"Olá, não consigo entrar na minha conta desde ontem. Obrigado.",
		"Dobrý den, od včerejška se nemohu přihlásit ke svému účtu. Děkuji.",
		"Hej, jag kan inte logga in på mitt konto sedan igår. Tack för hjälpen.",
		"Jó napot, tegnap óta nem tudok belépni a fiókomba. Köszönöm.",
		"Здравствуйте, со вчерашнего дня не могу войти в свой аккаунт.",
		"Доброго дня, не можу увійти до свого облікового запису.",
		"こんにちは、昨日からログインできません。",
		"您好，我从昨天开始无法登录我的帐户。",
		"Γειά σας, δεν μπορώ να συνδεθώ από χθες.",
		"مرحبا، لا أستطيع تسجيل الدخول منذ أمس",
		"Merhaba, dünden beri hesabıma giriş yapamıyorum. Teşekkürler.",
	},
}

func TestLanguageOfShortMails(t *testing.T) {
	t.Parallel()
	for want, texts := range languageSamples {
		for _, text := range texts {
			if got := Language(text); got != want {
				t.Errorf("Language(%q) = %s, want %s", text, got, want)
			}
		}
	}
}

func TestLanguageIgnoresQuotedHistory(t *testing.T) {
	t.Parallel()
	text := "Dziękuję, teraz działa.\n\nOn Mon, Feb 3, 2025 at 10:15 AM Support wrote:\n" +
		strings.Repeat("> Please restart the printer and tell us what you see on the display.\n", 20)
	if got := Language(text); got != "pl" {
		t.Errorf("an answer in Polish above an English quote is %q", got)
	}
}
