package main

import (
	"fmt"
	"net"
)

// notifier reports the program's state to the service manager by the protocol of
// sd_notify(3): systemd counts a unit of Type=notify as started, and reloads it,
// only once the program is ready.
type notifier struct {
	// socket is the path of a datagram socket; with a leading @ it is an abstract
	// one. It is empty where no service manager started the program.
	socket string
}

// The states of sd_notify(3). READY=1 also ends a reload.
const (
	stateReady     = "READY=1"
	stateReloading = "RELOADING=1"
	stateStopping  = "STOPPING=1"
)

// send reports a state.
func (n notifier) send(state string) error {
	if n.socket == "" {
		return nil
	}

	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: n.socket, Net: "unixgram"})
	if err != nil {
		return fmt.Errorf("report %s to the service manager: %w", state, err)
	}
	defer conn.Close()

	if _, err := conn.Write([]byte(state)); err != nil {
		return fmt.Errorf("report %s to the service manager: %w", state, err)
	}

	return nil
}
