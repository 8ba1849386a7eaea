// The multiplexer of Go's net/http.
package main

import (
	"fmt"
	"net"
	"net/http"
)

func says(text string) http.HandlerFunc {
	return func(response http.ResponseWriter, _ *http.Request) { fmt.Fprint(response, text) }
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	http.HandleFunc("/admin", says("admin"))
	http.HandleFunc("/admin/", says("admin"))
	http.HandleFunc("/", says("open"))
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	panic(http.Serve(listener, nil))
}
