package main

const description = `Frontdesk: a helpdesk for e-mail, one program and one PostgreSQL.

Settings come from the environment (FRONTDESK_LISTEN, FRONTDESK_BASE_URL, FRONTDESK_DATABASE_URL, FRONTDESK_DATA_DIR, FRONTDESK_SECRET_KEY,
FRONTDESK_LOG and others; the README lists them). Without any, the program keeps a PostgreSQL of its own in ./data and serves this machine.

Exit codes: 0 done, 1 failed, 2 wrong usage.`

// commands is the whole command line.
type commands struct {
	Serve   serveCommand   `cmd:"" help:"Watch the mailboxes, serve the pages, send the letters."`
	Demo    demoCommand    `cmd:"" help:"Show the product with customers who write and answer."`
	Migrate migrateCommand `cmd:"" help:"Bring the database's schema up to this program."`
	User    struct {
		Add userAddCommand `cmd:"" help:"Add a person who works here."`
	} `cmd:"" help:"The people who work here."`
	Param struct {
		List paramListCommand `cmd:"" help:"Show the settings of the desk."`
		Set  paramSetCommand  `cmd:"" help:"Change one of them."`
	} `cmd:"" help:"The settings of the desk."`
	Mailbox struct {
		Add    mailboxAddCommand    `cmd:"" help:"Watch another mailbox."`
		Set    mailboxSetCommand    `cmd:"" help:"Change the settings of a mailbox."`
		Test   mailboxTestCommand   `cmd:"" help:"Try every step to a mailbox's servers and say which fails."`
		Status mailboxStatusCommand `cmd:"" help:"Tell how many mails came in and what became of them."`
	} `cmd:"" help:"The e-mail accounts that are watched."`
	Key struct {
		Rotate keyRotateCommand `cmd:"" help:"Change the key that mailbox passwords are sealed with."`
	} `cmd:"" help:"The secret key."`
	Mail struct {
		Parse mailParseCommand `cmd:"" help:"Show what the program reads in a mail."`
	} `cmd:"" help:"Look at mail files."`
	Bench struct {
		Seed benchSeedCommand `cmd:"" help:"Fill an empty database with a made-up desk, to measure with."`
	} `cmd:"" help:"Measure."`
	Backup  backupCommand  `cmd:"" help:"Copy the whole desk into a file while it works."`
	Restore restoreCommand `cmd:"" help:"Bring a backup back into an empty database, or verify it."`
	Doctor  doctorCommand  `cmd:"" help:"Check the installation and say what is wrong."`
	Version versionCommand `cmd:"" help:"Tell the version."`

	ParseChild parseChildCommand `cmd:"" hidden:""`
}
