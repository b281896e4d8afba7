"""How is the API used over connections that stay open: a WebSocket, or a stream of server-sent events?"""
