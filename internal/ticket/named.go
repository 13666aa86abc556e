package ticket

import (
	"github.com/jackc/pgx/v5"

	"frontdesk/internal/agent"
)

// named pairs names and values for a query with many arguments.
func named(pairs ...any) pgx.NamedArgs {
	args := make(pgx.NamedArgs, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		args[pairs[i].(string)] = pairs[i+1]
	}
	return args
}

// seeing adds the arguments of the condition visible.
func seeing(by agent.Agent, args pgx.NamedArgs) pgx.NamedArgs {
	args["see_all"] = by.Can(agent.QueueAll)
	args["see_queues"] = by.Queues
	return args
}
