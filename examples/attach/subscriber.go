// Print the topic and the body of every message: go run subscriber.go
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/go-zeromq/zmq4"
	"github.com/vmihailenco/msgpack/v5"
)

func main() {
	bus := zmq4.NewSub(context.Background())
	defer bus.Close()
	if err := bus.Dial("ipc://" + os.Getenv("PIANOLA_HOME") + "/run/subscribe"); err != nil {
		log.Fatal(err)
	}
	// or "llm." for the model, "store.changed/todo" for one table
	if err := bus.SetOption(zmq4.OptionSubscribe, ""); err != nil {
		log.Fatal(err)
	}
	for {
		message, err := bus.Recv()
		if err != nil {
			log.Fatal(err)
		}
		var body map[string]any
		if err := msgpack.Unmarshal(message.Frames[2], &body); err != nil {
			continue // it is no message of the bus
		}
		fmt.Println(string(message.Frames[0]), body)
	}
}
