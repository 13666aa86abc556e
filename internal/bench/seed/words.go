package seed

import "strings"

// tongue is how people of one language write to a furniture shop and how its agents answer. In the sentences
//
//	%n %g %a %i  is a thing in one of its four forms, %q a part, %k a colour or wood
//	%m %x        are a model and a second one out of tens of thousands, %o is an order number
//	%c %p %d %u  are a city, a person, a day, a number
type tongue struct {
	code                   string
	things                 [][]string // singular and plural; in Polish nominative, genitive, accusative, instrumental; in German with their articles
	parts, colours, days   []string
	cities, first, last    []string
	subjects, hello, close []string
	writes, answers, notes []string // sentences of customers, of agents, and of agents among themselves
	quote                  string
}

var tongues = []tongue{
	{
		code: "en",
		things: forms(`order orders order orders|delivery deliveries delivery deliveries|table tables table tables|chair chairs chair chairs|invoice invoices invoice invoices|lamp lamps lamp lamps
			sofa sofas sofa sofas|shelf shelves shelf shelves|bed beds bed beds|wardrobe wardrobes wardrobe wardrobes|desk desks desk desks|mattress mattresses mattress mattresses
			cupboard cupboards cupboard cupboards|bench benches bench benches|mirror mirrors mirror mirrors|carpet carpets carpet carpets|stool stools stool stools|drawer drawers drawer drawers
			armchair armchairs armchair armchairs|bookcase bookcases bookcase bookcases|curtain curtains curtain curtains|cushion cushions cushion cushions|hammock hammocks hammock hammocks|trolley trolleys trolley trolleys`),
		parts:   words(`leg,screw,hinge,handle,top,frame,cable,back,door,castor,bracket,seam,cover,armrest,glass,slat,switch,bulb,veneer,zip,dowel,rivet,caster cup,gas spring`),
		colours: words(`oak,walnut,white,black,grey,birch,ash,green,blue,beech,cherry,anthracite,sand,mustard,terracotta,maple,mahogany,larch,teal,wenge`),
		days:    words(`Monday,Tuesday,Wednesday,Thursday,Friday,Saturday,12 March,3 April,28 May,17 June,5 July,21 August,9 September,30 October,14 November,2 December`),
		cities:  words(`London,Dublin,Manchester,Leeds,Bristol,Glasgow,Cork,York,Cardiff,Bath,Norwich,Galway,Exeter,Dundee,Swansea,Hull,Derby,Truro`),
		first:   words(`Helen,Liam,Sophie,James,Olivia,Noah,Grace,Thomas,Ruth,Adam,Claire,Peter,Maeve,Simon,Alice,Hugh,Nora,Daniel`),
		last:    words(`Marsh,Okafor,Smith,Walker,Byrne,Hughes,Patel,Murphy,Clark,Doyle,Wright,Campbell,Evans,Price,Foster,Quinn,Barnes,Lowe`),
		subjects: words(`Where is my order %o?,%m arrived damaged,Wrong colour: %m in %k,Invoice for order %o,Missing %q for the %m %n,Return of the %m %n,Question about the %m %n,Change of delivery address for %o,
			Charged twice for %o,Delivery to %c on %d,Spare %q for %m,How do I clean the %m %n?,Discount code does not work,Two %g from order %o are broken`),
		hello: words(`Hello,Hi,Good morning,Dear team,Hi there,Good afternoon`),
		close: words(`Kind regards,Thanks,Best wishes,Many thanks,Regards,Yours sincerely`),
		writes: lines(`
			My order %o was supposed to arrive on %d and I have heard nothing since.
			The %m %n arrived this morning, but the %q is broken.
			I ordered it in %k and received %k instead.
			Could you please send a replacement before %d?
			I have waited for the delivery all day and nobody rang the bell.
			When will you be delivering the %n to %c?
			I was charged twice for order %o and would like one of the two amounts refunded.
			The packaging of the %m was torn and the %n inside has scratches near the %q.
			We already have two %g of the %m series and were very happy with them.
			Please change the delivery address to %u High Street, %c.
			The instructions for the %m %n are missing from the parcel.
			The courier says the parcel was returned, but I never refused it.
			Can I still return the %n if it has been assembled?
			I am attaching a picture of the %q so that you can see what I mean.
			The invoice for order %o shows the wrong company name.
			My neighbour bought a %m last year and hers does not wobble at all.
			Is the %m %n also available in %k, or together with the %x?
			I tried to call you on %d but was cut off after %u minutes.
			We are moving to %c on %d, so the %g would have to come before that.
			The %q does not fit: the holes are about %u millimetres apart.`),
		answers: lines(`
			Thank you for writing to us about order %o.
			I am sorry that the %m %n reached you in this condition.
			I have ordered a new %q for you today; it leaves our warehouse on %d.
			The carrier has confirmed delivery to %c for %d.
			We will refund the amount within %u working days.
			Please keep the damaged %n until our driver collects it.
			Could you send us a picture of the %q and the number on the label?
			The %m is available in %k again from %d.
			I have changed the address; the confirmation follows by separate mail.
			Attached you will find the corrected invoice.
			Do let me know if anything is still missing.
			My colleague %p looks after returns and will contact you by %d.`),
		notes: lines(`
			Called the carrier: the parcel for %c is in their depot and goes out again on %d.
			Customer was friendly on the phone, wants the %m in %k.
			@%p please check the stock of the %q, we had %u last week.
			Second complaint about the %m this month, the supplier should hear of it.
			Refund approved by %p.
			Waiting for the photo of the %q.`),
		quote: "On %d our team wrote:",
	},
	{
		code: "de",
		things: forms(`die_Bestellung Bestellungen der_Bestellung der_Bestellung|die_Lieferung Lieferungen die_Lieferung der_Lieferung|der_Tisch Tische den_Tisch dem_Tisch|der_Stuhl Stühle den_Stuhl dem_Stuhl
			die_Rechnung Rechnungen die_Rechnung der_Rechnung|die_Lampe Lampen die_Lampe der_Lampe|das_Sofa Sofas das_Sofa dem_Sofa|das_Regal Regale das_Regal dem_Regal|das_Bett Betten das_Bett dem_Bett
			der_Schrank Schränke den_Schrank dem_Schrank|der_Schreibtisch Schreibtische den_Schreibtisch dem_Schreibtisch|die_Matratze Matratzen die_Matratze der_Matratze|die_Kommode Kommoden die_Kommode der_Kommode
			die_Bank Bänke die_Bank der_Bank|der_Spiegel Spiegel den_Spiegel dem_Spiegel|der_Teppich Teppiche den_Teppich dem_Teppich|der_Hocker Hocker den_Hocker dem_Hocker|die_Schublade Schubladen die_Schublade der_Schublade
			der_Sessel Sessel den_Sessel dem_Sessel|das_Bücherregal Bücherregale das_Bücherregal dem_Bücherregal|der_Vorhang Vorhänge den_Vorhang dem_Vorhang|das_Kissen Kissen das_Kissen dem_Kissen|die_Vitrine Vitrinen die_Vitrine der_Vitrine`),
		parts:   words(`Tischbein,Schraube,Scharnier,Griff,Platte,Rahmen,Kabel,Rückwand,Tür,Rolle,Winkel,Naht,Bezug,Armlehne,Glas,Latte,Schalter,Leuchtmittel,Furnier,Reißverschluss,Dübel,Niete,Gasfeder`),
		colours: words(`Eiche,Nussbaum,Weiß,Schwarz,Grau,Birke,Esche,Grün,Blau,Buche,Kirsche,Anthrazit,Sand,Senfgelb,Terrakotta,Ahorn,Mahagoni,Lärche,Petrol,Wenge`),
		days:    words(`Montag,Dienstag,Mittwoch,Donnerstag,Freitag,Samstag,12. März,3. April,28. Mai,17. Juni,5. Juli,21. August,9. September,30. Oktober,14. November,2. Dezember`),
		cities:  words(`Berlin,Hamburg,München,Köln,Leipzig,Dresden,Bremen,Hannover,Nürnberg,Görlitz,Lübeck,Münster,Würzburg,Kassel,Jena,Ulm,Trier,Zwickau`),
		first:   words(`Annika,Jürgen,Petra,Oliver,Henrike,Lukas,Sabine,Jonas,Ursula,Björn,Heike,Stefan,Käthe,Matthias,Anja,Günther,Lena,Florian`),
		last:    words(`Becker,Hoffmann,Neumann,Braun,Vogt,Schäfer,Müller,Krüger,Wagner,Köhler,Richter,Weiß,Schröder,Lange,Böhm,Haas,Jäger,Groß`),
		subjects: words(`Wo bleibt meine Bestellung %o?,%m beschädigt angekommen,Falsche Farbe: %m in %k,Rechnung zur Bestellung %o,%q fehlt bei %m,Rückgabe: %m,Frage zu %m,Lieferadresse für %o ändern,
			Doppelte Abbuchung bei %o,Lieferung nach %c,Ersatzteil %q für %m,Wie reinige ich %a %m?,Gutschein wird nicht angenommen,Kündigung der Bestellung %o`),
		hello: words(`Guten Tag,Hallo,Guten Morgen,Sehr geehrte Damen und Herren,Liebes Team`),
		close: words(`Mit freundlichen Grüßen,Viele Grüße,Danke,Beste Grüße,Herzliche Grüße`),
		writes: lines(`
			meine Bestellung %o sollte am %d kommen, seitdem habe ich nichts gehört.
			heute früh wurde %n %m geliefert, aber das Teil %q ist gebrochen.
			Bestellt hatte ich die Farbe %k, bekommen habe ich %k.
			Können Sie mir bis %d Ersatz schicken?
			Ich habe den ganzen Tag auf die Lieferung gewartet, und niemand hat geklingelt.
			Wann liefern Sie %a nach %c?
			Für die Bestellung %o wurde zweimal abgebucht; bitte erstatten Sie einen der Beträge.
			Die Verpackung von %m war aufgerissen, und an %i sind Kratzer.
			Wir haben schon zwei %g der Serie %m und waren damit sehr zufrieden.
			Bitte ändern Sie die Lieferadresse auf Hauptstraße %u in %c.
			Im Paket fehlt die Montageanleitung für %a %m.
			Der Fahrer behauptet, ich hätte die Annahme verweigert; das stimmt nicht.
			Kann ich %a noch zurückgeben, obwohl alles schon aufgebaut ist?
			Im Anhang finden Sie ein Bild, auf dem man %q gut erkennt.
			Auf der Rechnung zu %o steht ein falscher Firmenname.
			Meine Nachbarin hat voriges Jahr %m gekauft, und bei ihr wackelt nichts.
			Gibt es %m auch in %k oder zusammen mit %x?
			Ich wollte Sie am %d anrufen, wurde aber nach %u Minuten getrennt.
			Wir ziehen nach %c um, die %g müssten also vorher kommen.
			Die Bohrungen passen nicht: der Abstand beträgt etwa %u Millimeter.`),
		answers: lines(`
			vielen Dank für Ihre Nachricht zur Bestellung %o.
			Es tut mir leid, dass %n %m so bei Ihnen angekommen ist.
			Ich habe das Ersatzteil %q heute bestellt; es verlässt unser Lager am %d.
			Die Spedition hat die Lieferung nach %c für %d bestätigt.
			Den Betrag erstatten wir innerhalb von %u Werktagen.
			Bitte bewahren Sie %a auf, bis unser Fahrer die Ware abholt.
			Könnten Sie uns ein Foto schicken, auf dem %q und die Nummer auf dem Etikett zu sehen sind?
			%m ist ab %d wieder in %k lieferbar.
			Die Adresse habe ich geändert, die Bestätigung folgt gesondert.
			Im Anhang finden Sie die berichtigte Rechnung.
			Melden Sie sich gern, wenn noch etwas fehlt.
			Meine Kollegin %p kümmert sich um Rücksendungen und meldet sich bis %d.`),
		notes: lines(`
			Mit der Spedition telefoniert: das Paket nach %c geht am %d wieder raus.
			Kundin war am Telefon freundlich, möchte %m in %k.
			@%p bitte den Bestand prüfen: %q, letzte Woche waren es %u.
			Zweite Beschwerde über %m in diesem Monat, das sollte der Lieferant wissen.
			Erstattung von %p freigegeben.
			Wir warten noch auf das Foto.`),
		quote: "Am %d schrieb unser Team:",
	},
	{
		code: "pl",
		things: forms(`zamówienie zamówienia zamówienie zamówieniem|dostawa dostawy dostawę dostawą|stół stołu stół stołem|krzesło krzesła krzesło krzesłem|faktura faktury fakturę fakturą|lampa lampy lampę lampą
			sofa sofy sofę sofą|półka półki półkę półką|łóżko łóżka łóżko łóżkiem|szafa szafy szafę szafą|biurko biurka biurko biurkiem|materac materaca materac materacem
			komoda komody komodę komodą|ławka ławki ławkę ławką|lustro lustra lustro lustrem|dywan dywanu dywan dywanem|taboret taboretu taboret taboretem|szuflada szuflady szufladę szufladą
			fotel fotela fotel fotelem|regał regału regał regałem|zasłona zasłony zasłonę zasłoną|poduszka poduszki poduszkę poduszką|witryna witryny witrynę witryną|hamak hamaka hamak hamakiem`),
		parts:   words(`noga,śruba,zawias,uchwyt,blat,rama,kabel,oparcie,drzwiczki,kółko,wspornik,szew,pokrowiec,podłokietnik,szkło,listwa,wyłącznik,żarówka,fornir,zamek błyskawiczny,kołek,nit,sprężyna gazowa`),
		colours: words(`dąb,orzech,biel,czerń,szarość,brzoza,jesion,zieleń,błękit,buk,wiśnia,antracyt,piaskowy,musztardowy,terakota,klon,mahoń,modrzew,turkus,wenge`),
		days:    words(`12 stycznia,7 lutego,12 marca,3 kwietnia,28 maja,17 czerwca,5 lipca,21 sierpnia,9 września,30 października,14 listopada,2 grudnia`),
		cities:  words(`Warszawa,Kraków,Poznań,Gdańsk,Wrocław,Łódź,Lublin,Białystok,Katowice,Rzeszów,Toruń,Olsztyn,Opole,Kielce,Gdynia,Zamość,Ełk,Świdnica`),
		first:   words(`Agnieszka,Tomasz,Zofia,Jan,Małgorzata,Piotr,Katarzyna,Paweł,Elżbieta,Michał,Łucja,Krzysztof,Hanna,Wojciech,Jadwiga,Stanisław,Świętosława,Grzegorz`),
		last:    words(`Kowalczyk,Nowak,Wójcik,Lewandowicz,Mazur,Zając,Wróbel,Król,Pawlak,Górski,Dudek,Sikora,Bąk,Źrebiec,Kubiak,Lis,Maj,Żak`),
		subjects: words(`Gdzie jest moje zamówienie %o?,%m: %n z uszkodzeniem,Zły kolor: %m,Faktura do zamówienia %o,Brakuje części: %q,Zwrot: %n %m,Pytanie o %a %m,Zmiana adresu dostawy %o,
			Podwójna płatność za %o,Dostawa: %c,Część zamienna do %g %m,Jak czyścić %a %m?,Kod rabatowy nie działa,Rezygnacja z zamówienia %o`),
		hello: words(`Dzień dobry,Witam,Szanowni Państwo,Dzień dobry Państwu,Dobry wieczór`),
		close: words(`Pozdrawiam,Pozdrawiam serdecznie,Z poważaniem,Dziękuję,Miłego dnia`),
		writes: lines(`
			moje zamówienie %o miało przyjść %d i od tego czasu cisza.
			dziś rano przyszła paczka, %n %m, ale uszkodzona jest część: %q.
			Zamówiony był kolor %k, a przyszedł %k.
			Czy mogą Państwo wysłać nową część przed terminem: %d?
			Cały dzień czekaliśmy na dostawę i nikt nie zadzwonił.
			Kiedy dostarczą Państwo %a do miasta %c?
			Za zamówienie %o pobrano pieniądze dwa razy, proszę o zwrot jednej z kwot.
			Karton z %i %m był rozdarty, a w środku widać rysy.
			Nie mam żadnych zastrzeżeń do %g z serii %m, ale z tą przesyłką jest kłopot.
			Proszę zmienić adres dostawy na ul. Długa %u, %c.
			W paczce brakuje instrukcji montażu do %g %m.
			Kurier twierdzi, że odmówiłam odbioru, a to nieprawda.
			Czy mogę jeszcze zwrócić %a, skoro wszystko jest już skręcone?
			W załączniku przesyłam zdjęcie, na którym widać %q.
			Na fakturze do zamówienia %o jest błędna nazwa firmy.
			Sąsiadka kupiła %m w zeszłym roku i u niej nic się nie chwieje.
			Czy %m jest też w kolorze %k albo w zestawie z %x?
			Próbowałam zadzwonić, ale po %u minutach przerwało połączenie.
			Przeprowadzamy się, nowe miasto to %c, więc dostawa musi być wcześniej.
			Otwory nie pasują, są oddalone o około %u milimetrów.`),
		answers: lines(`
			dziękujemy za wiadomość w sprawie zamówienia %o.
			Przykro mi, że przesyłka (%n %m) dotarła w takim stanie.
			Zamówiłam dziś część: %q, wyjedzie z magazynu %d.
			Przewoźnik potwierdził dostawę na %d, %c.
			Zwrócimy kwotę w ciągu %u dni roboczych.
			Proszę zachować %a do czasu odbioru przez kierowcę.
			Czy możemy prosić o zdjęcie i numer z etykiety %g?
			Model %m będzie znowu dostępny w kolorze %k.
			Adres został zmieniony, potwierdzenie przyjdzie osobno.
			W załączniku przesyłamy poprawioną fakturę.
			Proszę dać znać, gdyby czegoś jeszcze brakowało.
			Zwrotami zajmuje się %p i odezwie się do Państwa przed terminem: %d.`),
		notes: lines(`
			Dzwoniłam do przewoźnika: paczka jest w magazynie, %c, wyjedzie %d.
			Klientka była bardzo miła, chce %m w kolorze %k.
			@%p proszę sprawdzić stan: %q, w zeszłym tygodniu było %u.
			Druga reklamacja %g %m w tym miesiącu, dostawca powinien o tym wiedzieć.
			Zwrot zatwierdza %p.
			Czekamy na zdjęcie.`),
		quote: "Dnia %d nasz zespół napisał:",
	},
}

// The desk's furniture.
var (
	queueNames    = words(`Orders,Returns,Invoices,Workshop,Spare parts,Trade,Complaints`)
	agentNames    = words(`Emma Clarke,Beata Lis,Jonas Brandt,Piotr Maj,Nina Falk,Adam Wolski,Ruth Kelly,Marta Zych,Felix Sommer,Ewa Duda,Owen Hart,Ida Kraus,Kamil Bury,Lea Winter,Tom Reed,Olga Sowa,Max Engel,Anna Kos,Jack Moss,Paul Stein`)
	tagNames      = words(`urgent,damaged,refund,vip,photo missing,carrier,wholesale,warranty,colour,address,second contact,phone,discount,spare part,assembly,goodwill,invoice,late,showroom,supplier,wrong item,legal,press,school,hotel,office,export,trial,recall,pallet`)
	categoryNames = []string{"Delivery: Late: Damaged: Lost: Address", "Product: Defect: Missing part: Question", "Payment: Refund: Charged twice: Discount", "Return: Withdrawal: Exchange", "Praise", "Other: Press: Jobs"}
	fileNames     = words(`photo.jpg,invoice.pdf,IMG_2041.jpg,scan.pdf,label.png,offer.docx`)
	syllables     = words(`ba,le,ro,mi,ta,ne,ko,sa,vi,du,ra,lo,ne,fi,ga,mo,ri,pe,so,ha,ki,lu,no,te,va,za,be,ju,or,el`)
)

func words(s string) []string {
	list := strings.Split(s, ",")
	for i := range list {
		list[i] = strings.TrimSpace(list[i])
	}
	return list
}

func lines(s string) []string {
	list := strings.Split(strings.TrimSpace(s), "\n")
	for i := range list {
		list[i] = strings.TrimSpace(list[i])
	}
	return list
}

// forms reads things separated by bars or line ends, each of four forms; _ is a space within one.
func forms(s string) [][]string {
	var list [][]string
	for thing := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == '|' || r == '\n' }) {
		four := strings.Fields(thing)
		for i := range four {
			four[i] = strings.ReplaceAll(four[i], "_", " ")
		}
		list = append(list, four)
	}
	return list
}
