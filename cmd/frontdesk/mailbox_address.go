package main

import (
	"net/url"
	"strconv"
	"strings"

	"frontdesk/internal/mailbox"
)

// schemes are the ways to reach a server, with the port each has by default.
var schemes = map[string]struct {
	tls  mailbox.TLS
	port int
}{
	"imaps": {mailbox.Implicit, 993}, "imap": {mailbox.StartTLS, 143},
	"smtps": {mailbox.Implicit, 465}, "smtp": {mailbox.StartTLS, 587},
}

// readIMAP reads imaps://user%40example.com@host:993/FOLDER (TLS from the start) or imap:// (STARTTLS, required). The port may be left out,
// and the folder: INBOX.
func readIMAP(address string) (s mailbox.Server, folder string, err error) {
	s, folder, err = readServer("imap", address)
	if err == nil && s.User == "" {
		err = wrongUsage("--imap: it needs a user, as in imaps://support%40example.com@imap.example.com/INBOX")
	}
	if folder == "" {
		folder = "INBOX"
	}
	return s, folder, err
}

// readSMTP reads smtps://user@host:465 or smtp://user@host:587. Without a user nobody signs in.
func readSMTP(address string) (mailbox.Server, error) {
	s, folder, err := readServer("smtp", address)
	if err == nil && folder != "" {
		err = wrongUsage("--smtp: only IMAP has folders")
	}
	return s, err
}

// readServer refuses a password: everybody on the machine sees a command line. Its errors do not repeat the address, which may hold one.
func readServer(protocol, address string) (s mailbox.Server, folder string, err error) {
	wrong := func(why string) (mailbox.Server, string, error) {
		return mailbox.Server{}, "", wrongUsage("--" + protocol + ": " + why)
	}
	scheme, _, _ := strings.Cut(address, "://")
	way, known := schemes[strings.ToLower(scheme)]
	if !known || strings.TrimSuffix(strings.ToLower(scheme), "s") != protocol {
		return wrong("it must begin with " + protocol + "s:// (TLS from the start) or " + protocol + ":// (STARTTLS)")
	}
	u, err := url.Parse(address)
	if err != nil || u.RawQuery != "" || u.Fragment != "" {
		return wrong("write @ in the user name as %40, and other special characters as %XX too")
	}
	if _, has := u.User.Password(); has {
		return wrong("leave the password out; it is read from standard input")
	}
	if u.Hostname() == "" {
		return wrong("it needs a host")
	}
	port := way.port
	if u.Port() != "" {
		if port, err = strconv.Atoi(u.Port()); err != nil || port < 1 || port > 65535 {
			return wrong("the port must be from 1 to 65535")
		}
	}
	return mailbox.Server{Host: u.Hostname(), Port: port, TLS: way.tls, User: u.User.Username()}, strings.TrimPrefix(u.Path, "/"), nil
}
