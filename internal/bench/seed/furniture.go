package seed

import (
	"context"
	"fmt"
	"strings"

	"frontdesk/internal/agent"
	"frontdesk/internal/blob"
	"frontdesk/internal/desk"
	"frontdesk/internal/mailbox"
	"frontdesk/internal/pg"
)

// furniture is what a desk has before the first mail comes, made by the verbs of the product.
type furniture struct {
	queues     []int64
	agents     []person
	mine       map[int64][]person // agents by queue
	tags       []int64
	categories []int64
	promises   []desk.Promise // by queue and priority: of(queue, priority)
	priorities []desk.Priority
	status     map[string]int64 // by key
	mailbox    int64
	blobs      []int64 // blobs that attachments share
}

type person struct {
	id   int64
	name string
}

const (
	boxName    = "Bench"
	boxAddress = "support@bench.example"
)

// MailOf is the address with which the n-th seeded agent signs in. The first sees every queue.
func MailOf(n int) string { return fmt.Sprintf("agent%d@bench.example", n+1) }

// furnish makes what is missing and finds what an earlier seed left.
func furnish(ctx context.Context, tx *pg.Tx, o Options) (*furniture, error) {
	f := &furniture{mine: map[int64][]person{}, status: map[string]int64{}}
	for _, step := range []func(context.Context, *pg.Tx, Options) error{f.addQueues, f.addAgents, f.addLabels, f.addMailbox, f.addFiles, f.readPromises} {
		if err := step(ctx, tx, o); err != nil {
			return nil, fmt.Errorf("furnish the desk: %w", err)
		}
	}
	return f, nil
}

func (f *furniture) addQueues(ctx context.Context, tx *pg.Tx, _ Options) error {
	inbox, err := desk.QueueByName(ctx, tx, "inbox")
	if err != nil {
		return err
	}
	f.queues = []int64{inbox}
	for _, name := range queueNames {
		id, err := orElse(ctx, tx, `SELECT id FROM queue WHERE name = $1`, name, func() (int64, error) { return desk.AddQueue(ctx, tx, name) })
		if err != nil {
			return err
		}
		f.queues = append(f.queues, id)
	}
	return nil
}

// addAgents takes people on: the first an administrator, the next two managers. Each works in two to four queues, the first in all.
func (f *furniture) addAgents(ctx context.Context, tx *pg.Tx, o Options) error {
	for i := range o.Agents {
		name, profile := agentNames[i%len(agentNames)], "agent"
		if i > 0 && i < 3 {
			profile = "manager"
		} else if i == 0 {
			profile = "admin"
		}
		id, err := orElse(ctx, tx, `SELECT id FROM agent WHERE email = $1`, MailOf(i), func() (int64, error) {
			return agent.Add(ctx, tx, agent.New{Email: MailOf(i), Name: name, Profile: profile, Password: o.Password, Language: tongues[i%3].code, TimeZone: "Europe/Berlin"})
		})
		if err != nil {
			return err
		}
		if err := agent.ChangeSettings(ctx, tx, agent.Agent{ID: id}, agent.Settings{Welcomed: new(true)}); err != nil {
			return err
		}
		f.agents = append(f.agents, person{id, name})
		for n, q := range f.queues {
			if i > 0 && (n+i)%4 != 0 && (n*3+i)%7 != 0 {
				continue
			}
			if err := agent.GiveQueue(ctx, tx, 0, id, q, n+1); err != nil {
				return err
			}
			f.mine[q] = append(f.mine[q], person{id, name})
		}
	}
	return nil
}

func (f *furniture) addLabels(ctx context.Context, tx *pg.Tx, _ Options) error {
	tags, err := desk.NeedTags(ctx, tx, agent.Agent{Permissions: []agent.Permission{agent.TagCreate}}, tagNames)
	if err != nil {
		return err
	}
	for _, t := range tags {
		f.tags = append(f.tags, t.ID)
	}
	for _, branch := range categoryNames {
		parent := int64(0)
		for i, name := range strings.Split(branch, ": ") {
			id, err := orElse(ctx, tx, `SELECT id FROM category WHERE parent_id IS NOT DISTINCT FROM NULLIF($2::bigint, 0) AND lower(name) = lower($1)`, name,
				func() (int64, error) { return desk.AddCategory(ctx, tx, parent, name) }, parent)
			if err != nil {
				return err
			}
			f.categories = append(f.categories, id)
			if i == 0 {
				parent = id
			}
		}
	}
	return nil
}

// addMailbox makes the mailbox letters came from and left by; it is not watched.
func (f *furniture) addMailbox(ctx context.Context, tx *pg.Tx, o Options) (err error) {
	f.mailbox, err = orElse(ctx, tx, `SELECT id FROM mailbox WHERE name = $1`, boxName, func() (int64, error) {
		return mailbox.Add(ctx, tx, mailbox.Mailbox{Name: boxName, Address: boxAddress, SenderName: "Linden & Wald", IMAPHost: "mail.bench.example", IMAPPort: 993,
			IMAPTLS: mailbox.Implicit, IMAPUser: "support", Folders: []string{"INBOX"}, SMTPHost: "mail.bench.example", SMTPPort: 465, SMTPTLS: mailbox.Implicit,
			SMTPUser: "support", PollSeconds: 30, Take: mailbox.TakeAll, SentMode: mailbox.SentNone, QueueID: f.queues[0]}, "not a real one", o.Sealer)
	})
	for _, q := range f.queues {
		if err == nil {
			err = desk.SendVia(ctx, tx, q, f.mailbox)
		}
	}
	return err
}

func (f *furniture) addFiles(ctx context.Context, tx *pg.Tx, _ Options) (err error) {
	var list []*blob.Spooled
	for _, name := range fileNames {
		list = append(list, blob.Bytes([]byte("What would be "+name+".\n")))
	}
	f.blobs, err = blob.PutAll(ctx, tx, list)
	return err
}

func (f *furniture) readPromises(ctx context.Context, tx *pg.Tx, _ Options) (err error) {
	d, err := desk.ReadDirectory(ctx, tx)
	if err != nil {
		return err
	}
	f.priorities = d.Priorities
	for _, q := range f.queues {
		for _, p := range f.priorities {
			promise, err := desk.PromiseOf(ctx, tx, q, p.ID)
			if err != nil {
				return err
			}
			f.promises = append(f.promises, promise)
		}
	}
	for _, s := range d.Statuses {
		f.status[s.Key] = s.ID
	}
	return nil
}

// promise is that of the q-th queue and the p-th priority.
func (f *furniture) promise(q, p int) desk.Promise { return f.promises[q*len(f.priorities)+p] }

// orElse is the row a query finds, or the one that make makes.
func orElse(ctx context.Context, tx *pg.Tx, sql, name string, add func() (int64, error), more ...any) (int64, error) {
	found, err := pg.List[int64](ctx, tx, sql, append([]any{name}, more...)...)
	if err != nil || len(found) == 0 {
		return firstOf(err, add)
	}
	return found[0], nil
}

func firstOf(err error, add func() (int64, error)) (int64, error) {
	if err != nil {
		return 0, err
	}
	return add()
}
