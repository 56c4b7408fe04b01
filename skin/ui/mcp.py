"""The tools over MCP's streamable HTTP, by the protocol's own library; docs/api.md says why not by Gradio's server."""

import json
from contextlib import AbstractAsyncContextManager
from typing import Any

from mcp import types
from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from skin.errors import SkinError
from skin.scans.schemas import DISCLAIMER
from skin.ui.errors import as_skin_errors
from skin.ui.gate import MCP
from skin.ui.session import user_id_of
from skin.ui.tools import ScanTools


class McpServer:
    """An ASGI application behind the gate; each call is on its own, so that any process can answer it."""

    def __init__(self, tools: ScanTools, *, max_bytes: int) -> None:
        self._tools = tools
        self._server: Server[Any, Any] = Server("skin", instructions=DISCLAIMER)
        self._server.list_tools()(self._list)  # type: ignore[no-untyped-call]
        self._server.call_tool(validate_input=False)(self._call)  # the tools do, in our words
        self._manager = StreamableHTTPSessionManager(
            self._server, stateless=True, json_response=True, max_request_body_size=max_bytes
        )
        self.routes = [Route(path, endpoint=self) for path in (MCP, f"{MCP}/")]

    def run(self) -> AbstractAsyncContextManager[None]:
        """Open while the application runs; once per application."""
        return self._manager.run()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "POST":  # nothing is ever sent unasked, and there is no session to end
            await Response(status_code=405, headers={"Allow": "POST"})(scope, receive, send)
            return
        await self._manager.handle_request(scope, receive, send)

    async def _list(self) -> list[types.Tool]:
        return [
            types.Tool(
                name=tool.name,
                description=tool.sentence,
                inputSchema=tool.takes.model_json_schema(),
                annotations=types.ToolAnnotations(
                    readOnlyHint=tool.reads_only, destructiveHint=tool.name == "scan_erase", openWorldHint=False
                ),
            )
            for tool in self._tools.every.values()
        ]

    async def _call(self, name: str, arguments: dict[str, Any]) -> types.CallToolResult:
        request = self._server.request_context.request
        try:
            with as_skin_errors():
                assert isinstance(request, Request)
                answer = await self._tools.call(user_id_of(request), name, arguments)
        except SkinError as failure:
            said = {"code": failure.code.value, "message": str(failure)}
            return _result(f"{said['code']}: {said['message']}", said, is_error=True)
        return _result(json.dumps(answer), answer)


def _result(text: str, structured: dict[str, Any], *, is_error: bool = False) -> types.CallToolResult:
    content: list[types.ContentBlock] = [types.TextContent(type="text", text=text)]
    return types.CallToolResult(content=content, structuredContent=structured, isError=is_error)
