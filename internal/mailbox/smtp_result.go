package mailbox

import (
	"errors"
	"fmt"
)

func newResult(to []string) *Result {
	r := &Result{Phase: PhaseMail, Recipients: make([]Recipient, len(to))}
	for i, a := range to {
		r.Recipients[i] = Recipient{Address: a, Verdict: Pending}
	}
	return r
}

// heard notes the answer to one RCPT. count is false when MAIL was refused and the answer says nothing about this recipient. 552 here
// means too many recipients, to be tried later (RFC 5321, 4.5.3.1.10).
func (r *Result) heard(to *Recipient, err error, count bool) error {
	var no *reply
	switch {
	case err == nil && count:
		to.Verdict, to.Code, to.Text = Accepted, 250, ""
	case errors.As(err, &no):
		if !count {
			return nil
		}
		to.Verdict, to.Code, to.Status, to.Text = Refused, no.Code, no.Status, no.Text
		if no.Code < 500 || no.Code == 552 {
			to.Verdict = Deferred
		}
		r.Code, r.Status, r.Text = no.Code, no.Status, no.Text
		if no.Code == 421 {
			return no
		}
	default:
		return err
	}
	return nil
}

func (r *Result) any(v Verdict) bool {
	for _, to := range r.Recipients {
		if to.Verdict == v {
			return true
		}
	}
	return false
}

// nobody is the outcome when no recipient was accepted.
func (r *Result) nobody() Result {
	r.Outcome = Permanent
	if r.any(Deferred) || r.any(Pending) {
		r.Outcome = Temporary
	}
	if r.Code == 0 { // refused by ourselves, before asking
		for _, to := range r.Recipients {
			r.Code, r.Status, r.Text = to.Code, to.Status, to.Text
		}
	}
	return *r
}

// said is the outcome when the letter as a whole was answered with an error, or not answered. Those accepted by RCPT share its fate.
func (r *Result) said(err error) Result {
	var no *reply
	if !errors.As(err, &no) || no.Code < 400 {
		if r.Phase == PhaseDot {
			return r.failed(Ambiguous, err)
		}
		return r.failed(Temporary, err)
	}
	r.Code, r.Status, r.Text = no.Code, no.Status, no.Text
	r.Outcome, r.Err = Permanent, fmt.Errorf("%s: %w", r.Phase, err)
	verdict := Refused
	if no.Code < 500 {
		r.Outcome, verdict = Temporary, Deferred
	}
	for i := range r.Recipients {
		if to := &r.Recipients[i]; to.Verdict == Accepted || to.Verdict == Pending && r.Phase == PhaseMail {
			to.Verdict, to.Code, to.Status, to.Text = verdict, no.Code, no.Status, no.Text
		}
	}
	return *r
}

// failed is the outcome when the connection ended or we ended it. Nothing is known then of those RCPT had accepted.
func (r *Result) failed(o Outcome, err error) Result {
	r.Outcome, r.Err = o, fmt.Errorf("%s: %w", r.Phase, err)
	for i := range r.Recipients {
		if to := &r.Recipients[i]; to.Verdict == Accepted {
			to.Verdict, to.Code, to.Status, to.Text = Pending, 0, "", ""
		}
	}
	return *r
}

// sent is the good end. What the server said usually names its queue and is kept for each recipient.
func (r *Result) sent(code int, text string, secret Secret) Result {
	status, rest := enhanced(text)
	r.Outcome, r.Code, r.Status, r.Text, r.Err = Sent, code, status, said(rest, secret), nil
	for i := range r.Recipients {
		if to := &r.Recipients[i]; to.Verdict == Accepted {
			to.Code, to.Status, to.Text = code, status, r.Text
		}
	}
	return *r
}

// lost turns the server's answer to a command of ours that concerns no letter into the end of the connection.
func lost(err error) error {
	var no *reply
	if errors.As(err, &no) {
		return ours{fmt.Errorf("the server did not reset the conversation: %s", no.Error())}
	}
	return err
}
