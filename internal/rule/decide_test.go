package rule_test

import (
	"testing"

	"frontdesk/internal/rule"
)

func TestEndingRulePutsATicketIntoTheQueueOfItsMailbox(t *testing.T) {
	t.Parallel()
	if got := rule.Decide(rule.Facts{MailboxQueue: 7}); got.QueueID != 7 {
		t.Errorf("queue %d", got.QueueID)
	}
}
