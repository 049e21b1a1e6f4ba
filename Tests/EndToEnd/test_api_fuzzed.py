"""The whole API, asked at random by what its OpenAPI document allows and forbids, as each role (quality bar R5).

Nothing answers with a server error, with something undocumented, or with a secret; the server stays well.
"""

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import booleans, one_of
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

EXAMPLES = 16
PASSWORD = "planted-of-the-administrator"
SECRETS = [PASSWORD, "planted-of-the-camera", "planted-of-the-output", "planted-of-the-turn-server"]
# They reach out to the Internet or to any address, or start processes, which would take most of the time.
LEFT_OUT = {
    ("POST", "/api/streams/engine/download"), ("POST", "/api/cameras/test"), ("POST", "/api/streams/engine/reclaim"),
    ("POST", "/api/streams/engine/restart"), ("POST", "/api/streams/engine/start"), ("POST", "/api/vision/install"),
}  # fmt: skip


@schemathesis.serializer("application/sdp", "application/trickle-ice-sdpfrag", "application/octet-stream")
def as_it_is(_, value) -> bytes:
    """The bodies of WebRTC's signalling, and of uploads."""
    return value if isinstance(value, bytes) else str(value).encode()


@pytest.fixture
def planted(make_server):
    """A server that asks for accounts, and one thing of each kind, with secrets."""
    server = make_server("--host", "0.0.0.0", environment={"TOPOSYNC_STREAMING_ADMIN_PASSWORD": PASSWORD}).start()
    server.api.post("api/session", {"name": "admin", "password": PASSWORD})
    access = {"enabled": True, "username": "eve", "password": SECRETS[2]}
    outputs = [{"protocol": "rtsp", "id": "yard", "authentication": access}]
    camera = {"username": "eve", "password": SECRETS[1]}
    stream = server.api.add_stream("rtsp://127.0.0.1:9/live", outputs=outputs, camera=camera)
    turn = {"url": "turn:turn.example.org", "username": "eve", "password": SECRETS[3]}
    server.api.patch("api/streams/settings", {"engine": {"webrtc_ice_servers": [turn]}})
    (pipeline,) = server.api.get("api/pipelines")
    known = {
        "camera_id": stream.camera_id, "transmission_id": stream.transmission_id, "output_id": "yard",
        "pipeline_id": pipeline["id"],
    }  # fmt: skip
    return server, known


def operations(document):
    """What deletes comes last, so that everything else finds something."""
    found = [result.ok() for result in schemathesis.openapi.from_dict(document).get_all_operations()]
    asked = [operation for operation in found if (operation.method.upper(), operation.path) not in LEFT_OUT]
    return sorted(asked, key=lambda operation: operation.method.upper() == "DELETE")


@pytest.mark.timeout(300)
@pytest.mark.parametrize("role", ["nobody", "viewer", "admin"])
def test_nothing_random_breaks_the_server_or_learns_a_secret(planted, role):
    server, known = planted
    headers = {}
    if role != "nobody":
        token = server.api.post("api/tokens", {"name": f"fuzz {role}", "role": role})["token"]
        headers = {"Authorization": f"Bearer {token}"}
    answers = set()
    for operation in operations(server.api.get("api/openapi.json")):
        takes_input = operation.body or operation.path_parameters or operation.query
        modes = [GenerationMode.POSITIVE] + ([GenerationMode.NEGATIVE] if takes_input else [])

        @seed(20_261_125)
        @settings(
            max_examples=EXAMPLES, deadline=None, database=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=one_of([operation.as_strategy(generation_mode=mode) for mode in modes]), is_known=booleans())
        def ask(case, is_known):
            if is_known:
                case.path_parameters |= {name: value for name, value in known.items() if name in case.path_parameters}
            if case.path == "/api/events":
                case.query = {"follow": "false"}  # it would never end
            response = case.call(base_url=server.url, headers=headers, timeout=30)
            case.validate_response(
                response, checks=[not_a_server_error, status_code_conformance, response_schema_conformance]
            )
            # An administrator gets passwords in a backup, and only when asking for them.
            is_asked_for = case.path == "/api/backup" and role == "admin" and "secrets" in (case.query or {})
            assert is_asked_for or not [secret for secret in SECRETS if secret.encode() in response.content]
            answers.add((case.method.upper(), case.path, response.status_code))

        ask()
    assert not [secret for secret in SECRETS if secret in server.log]
    assert server.api.get("api/streams/health")
    statuses = {status for method, path, status in answers if path == "/api/cameras/{camera_id}"}
    if role == "admin":
        assert statuses >= {200, 404, 422}, answers
    else:
        assert statuses == {401 if role == "nobody" else 403}, answers
