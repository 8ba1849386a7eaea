// Applications around snippets that were exported for rs/cors, each in a function of its own in the
// list `around`: writes their ports, and serves until its input ends.
package main

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
)

var named = map[string]string{
	"ETag": `"1"`, "X-Total-Count": "1", "X-Secret": "1", "X-Reached": "1",
}

func answer(w http.ResponseWriter, r *http.Request) {
	for name, value := range named {
		w.Header().Set(name, value)
	}
	if r.URL.Path == "/error" {
		w.WriteHeader(500)
	}
}

func main() {
	ports := []int{}
	for _, wrap := range around {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			panic(err)
		}
		ports = append(ports, listener.Addr().(*net.TCPAddr).Port)
		go http.Serve(listener, wrap(http.HandlerFunc(answer)))
	}
	json.NewEncoder(os.Stdout).Encode(ports)
	io.Copy(io.Discard, os.Stdin)
}
