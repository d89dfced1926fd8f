"""The JSON of requests and answers, as types.

Requests are dataclasses, checked by pydantic when one arrives; answers are typed dictionaries. The
types alone import nothing slow.
"""
