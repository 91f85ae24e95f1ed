package blazar

// Hold takes the turn, until Leave.
func (g *Gate) Hold() { g.turn <- struct{}{} }

// Leave gives the turn back.
func (g *Gate) Leave() { g.leave() }
