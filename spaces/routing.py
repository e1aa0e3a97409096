websocket_routes = []
