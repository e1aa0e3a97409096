"""`python -m tests.bench.web.serve -b ADDRESS -p PORT`: the web process with an anchor beside its
pages (`anchor`), which is what makes it one for measuring.
"""

import config.asgi
from config.web_server.__main__ import main
from tests.bench.web.anchor import with_anchor

if __name__ == "__main__":
    config.asgi.application = with_anchor(config.asgi.application)
    main()
