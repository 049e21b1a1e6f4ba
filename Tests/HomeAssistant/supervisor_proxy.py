"""Supervisor as far as it passes on what an add-on asks of a real Home Assistant (`supervisor/api/proxy.py`)."""

import asyncio
import contextlib
import threading

import aiohttp
from aiohttp import web

TOKEN = "supervisor-token-8c1e"


class SupervisorProxy:
    """`environment` is what an add-on finds it by."""

    def __init__(self, home_url: str, home_token: str):
        self._home_url = home_url
        self._home_token = home_token
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self):
        self._thread.start()
        port = asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(10)
        self.environment = {
            "SUPERVISOR_TOKEN": TOKEN, "TOPOSYNC_STREAMING_SUPERVISOR_URL": f"http://127.0.0.1:{port}",
        }  # fmt: skip
        return self

    def __exit__(self, *_):
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    async def _start(self) -> int:
        self._session = aiohttp.ClientSession()
        application = web.Application()
        application.router.add_get("/addons/self/info", self._own_facts)
        application.router.add_get("/core/websocket", self._websocket)
        application.router.add_route("*", "/core/api/{path:.*}", self._pass_on)
        self._runner = web.AppRunner(application, handler_cancellation=True, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        return self._runner.addresses[0][1]

    async def _stop(self):
        await self._runner.cleanup()
        await self._session.close()

    async def _own_facts(self, _):
        return web.json_response({"result": "ok", "data": {"hostname": "127.0.0.1", "network": {}}})

    async def _pass_on(self, request):
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return web.json_response({"message": "Unauthorized"}, status=401)
        async with self._session.request(
            request.method, f"{self._home_url}/api/{request.match_info['path']}", params=request.query,
            data=await request.read(),
            headers={"Authorization": f"Bearer {self._home_token}", "Content-Type": request.content_type},
        ) as answer:  # fmt: skip
            passed = web.StreamResponse(status=answer.status, headers={"Content-Type": answer.headers["Content-Type"]})
            await passed.prepare(request)
            # Piece by piece: the pictures of a camera never end.
            async for piece in answer.content.iter_any():
                await passed.write(piece)
            await passed.write_eof()
            return passed

    async def _websocket(self, request):
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"type": "auth_required", "ha_version": "2024.3.3"})
        if (await socket.receive_json()).get("access_token") != TOKEN:
            await socket.send_json({"type": "auth_invalid", "message": "Invalid access"})
            return socket
        async with self._session.ws_connect(f"{self._home_url}/api/websocket") as home:
            await home.receive_json()
            await home.send_json({"type": "auth", "access_token": self._home_token})
            await socket.send_json(await home.receive_json())
            copies = [asyncio.ensure_future(_copy(home, socket)), asyncio.ensure_future(_copy(socket, home))]
            _, left = await asyncio.wait(copies, return_when=asyncio.FIRST_COMPLETED)
            for task in left:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
        return socket


async def _copy(source, target) -> None:
    async for message in source:
        await target.send_str(message.data)
