"""The explorer served on this machine, with a button that runs the real solver."""

from reconfig.serve.desk import Desk
from reconfig.serve.server import serve

__all__ = ["Desk", "serve"]
