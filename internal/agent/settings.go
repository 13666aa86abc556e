package agent

import (
	"context"
	"fmt"

	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
	"frontdesk/internal/text"
)

// Settings are what an agent chooses for itself; nil leaves a thing as it is.
type Settings struct {
	Language   *string // en, pl, de
	TimeZone   *string // IANA
	Theme      *string // "" (as the system), light, dark
	Density    *string // "" (middle), compact, relaxed
	SingleKeys *bool   // single-letter shortcuts
	Columns    *[]string
	Layout     *string // "" (a table), split
	Welcomed   *bool   // has read what is said to a newcomer
}

// ChangeSettings changes by's own account. Unknown values are fault.Invalid, named by the field.
func ChangeSettings(ctx context.Context, tx *pg.Tx, by Agent, s Settings) error {
	if err := s.check(); err != nil {
		return err
	}
	var columns []string // NULL
	if s.Columns != nil {
		columns = keptColumns(*s.Columns)
	}
	_, err := pg.Exec(ctx, tx, `
		UPDATE agent SET language = COALESCE($2, language), time_zone = COALESCE($3, time_zone), theme = COALESCE($4, theme),
			density = COALESCE($5, density), single_keys = COALESCE($6, single_keys), list_columns = COALESCE($7, list_columns), list_layout = COALESCE($8, list_layout),
			welcomed = COALESCE($9, welcomed)
		WHERE id = $1`, by.ID, s.Language, s.TimeZone, s.Theme, s.Density, s.SingleKeys, columns, s.Layout, s.Welcomed)
	if err != nil {
		return fmt.Errorf("change the settings of agent %d: %w", by.ID, err)
	}
	return nil
}

func (s Settings) check() error {
	bad := fault.Invalid{}
	if s.Language != nil {
		checkLanguage(bad, *s.Language)
	}
	if s.TimeZone != nil {
		checkZone(bad, *s.TimeZone)
	}
	if s.Theme != nil && *s.Theme != "" && *s.Theme != "light" && *s.Theme != "dark" {
		bad["theme"] = fault.Because(text.AgentThemeUnknown)
	}
	if s.Density != nil && *s.Density != "" && *s.Density != "compact" && *s.Density != "relaxed" {
		bad["density"] = fault.Because(text.AgentDensityUnknown)
	}
	if s.Columns != nil {
		checkColumns(bad, *s.Columns)
	}
	if s.Layout != nil && *s.Layout != "" && *s.Layout != "split" {
		bad["layout"] = fault.Because(text.AgentLayoutUnknown)
	}
	return bad.Or()
}
