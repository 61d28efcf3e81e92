/* Print the topic and the sizes of every message: cc subscriber.c -lzmq -o subscriber && ./subscriber
   The frames after the topic are msgpack maps; msgpack-c decodes them. */
#include <stdio.h>
#include <stdlib.h>
#include <zmq.h>

int main(void) {
    char endpoint[256];
    snprintf(endpoint, sizeof endpoint, "ipc://%s/run/subscribe", getenv("PIANOLA_HOME"));
    void *context = zmq_ctx_new(), *bus = zmq_socket(context, ZMQ_SUB);
    if (zmq_connect(bus, endpoint) != 0) {
        fprintf(stderr, "%s: %s\n", endpoint, zmq_strerror(zmq_errno()));
        return 1;
    }
    zmq_setsockopt(bus, ZMQ_SUBSCRIBE, "", 0); /* or "llm." for the model, "store.changed/todo" for one table */
    for (;;) {
        int frame = 0, more = 1;
        while (more) {
            zmq_msg_t part;
            zmq_msg_init(&part);
            int size = zmq_msg_recv(&part, bus, 0);
            if (size < 0) return 0;
            if (frame++ == 0) printf("%.*s", size, (char *)zmq_msg_data(&part));
            else printf(" %d", size);
            more = zmq_msg_more(&part);
            zmq_msg_close(&part);
        }
        printf("\n");
        fflush(stdout);
    }
}
