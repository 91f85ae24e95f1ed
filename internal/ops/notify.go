// Package ops is what both programs offer those who run them: reports to the service
// manager, and the paths and answers of health checks and metrics.
package ops

import (
	"fmt"
	"net"
)

// Manager reports the program's state to the service manager by the protocol of
// sd_notify(3): systemd counts a unit of Type=notify as started, and reloads it,
// only once the program is ready.
type Manager struct {
	// Socket is the path of a datagram socket; with a leading @ it is an abstract
	// one. It is empty where no service manager started the program.
	Socket string
}

// The states of sd_notify(3). READY=1 also ends a reload.
const (
	Ready     = "READY=1"
	Reloading = "RELOADING=1"
	Stopping  = "STOPPING=1"
)

// Report reports a state.
func (m Manager) Report(state string) error {
	if m.Socket == "" {
		return nil
	}

	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: m.Socket, Net: "unixgram"})
	if err != nil {
		return fmt.Errorf("report %s to the service manager: %w", state, err)
	}
	defer conn.Close()

	if _, err := conn.Write([]byte(state)); err != nil {
		return fmt.Errorf("report %s to the service manager: %w", state, err)
	}

	return nil
}
