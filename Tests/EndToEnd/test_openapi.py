"""The OpenAPI document says what is served."""

import re

import jsonschema
import pytest
from openapi_spec_validator import validate

METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture
def document(server):
    return server.api.get("api/openapi.json")


def operations(document):
    for path, item in document["paths"].items():
        for method in METHODS & item.keys():
            yield method, path, item[method]


def test_document_is_valid_openapi(document):
    assert document["openapi"].startswith("3.1")
    validate(document)


def test_every_promised_endpoint_is_documented(document):
    documented = {(method, re.sub(r"\{[^}]+\}", "{id}", path)) for method, path, _ in operations(document)}
    base = "/api/streams"
    one = f"{base}/transmissions/{{id}}"
    promised = {
        ("get", f"{base}/health"),
        ("get", f"{base}/settings"),
        ("patch", f"{base}/settings"),
        ("get", f"{base}/engine/status"),
        ("post", f"{base}/engine/start"),
        ("post", f"{base}/engine/stop"),
        ("post", f"{base}/engine/restart"),
        ("get", f"{base}/transmissions"),
        ("post", f"{base}/transmissions"),
        ("put", one),
        ("delete", one),
        ("get", f"{one}/urls"),
        ("get", f"{one}/demand"),
        ("post", f"{one}/demand/prime"),
        ("post", f"{one}/demand/heartbeat"),
        ("get", f"{one}/still.jpg"),
        ("get", f"{base}/runtime/outputs"),
        ("get", f"{base}/runtime/diagnostics"),
        ("post", f"{base}/wizard/create-pipeline"),
        ("get", "/api/cameras"),
        ("post", "/api/cameras"),
        ("get", "/api/cameras/{id}"),
        ("put", "/api/cameras/{id}"),
        ("delete", "/api/cameras/{id}"),
        ("post", "/api/cameras/test"),
        ("get", "/api/pipelines"),
        ("post", "/api/pipelines"),
        ("put", "/api/pipelines/{id}"),
        ("delete", "/api/pipelines/{id}"),
    }
    assert promised <= documented


def strict(schema):
    """The schema without room for members that it does not name, so that none can be answered that is not documented."""
    if isinstance(schema, list):
        return [strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    parts = {name: strict(part) for name, part in schema.items()}
    named = isinstance(schema.get("properties"), dict) and schema["properties"]
    return parts | {"additionalProperties": False} if named and schema.get("type") == "object" else parts


def resolve(document, schema):
    """The schema with the document's components beside it, so that its references resolve."""
    return strict(schema | {"components": document.get("components", {})})


def test_every_documented_read_answers_as_documented(server, document):
    sender = server.api.post("api/cameras", {"name": "OBS", "url": "input:obs"})
    camera = server.api.post("api/cameras", {"name": "Demo", "url": "demo:"})
    stream = server.api.add_stream("demo:", path="documented")
    (pipeline,) = server.api.get("api/pipelines")
    ids = {
        "/api/cameras/{camera_id}/input": sender["id"],
        "/api/cameras/": camera["id"],
        "/api/pipelines/": pipeline["id"],
    }
    for method, path, operation in operations(document):
        if method != "get" or path == "/api/openapi.json" or "{token}" in path or "101" in operation["responses"]:
            continue
        if "{event_id}" in path:
            continue  # of something that was seen, which takes its time: test_seen_events.py
        concrete = path
        if "{" in path:
            own = next((value for prefix, value in ids.items() if path.startswith(prefix)), stream.transmission_id)
            concrete = path[: path.index("{")] + own + path[path.index("}") + 1 :]
        if "text/event-stream" in operation["responses"]["200"]["content"]:
            concrete += "?follow=false"  # it would never end
        answer = server.api.request("GET", concrete)
        assert answer.status_code == 200, (path, answer.text)
        content = operation["responses"]["200"].get("content", {})
        if "application/json" in content:
            schema = resolve(document, content["application/json"]["schema"])
            jsonschema.Draft202012Validator(schema).validate(answer.json())


def test_every_documented_operation_refuses_bad_input_with_a_documented_status(server, document):
    for method, path, operation in operations(document):
        if method == "get" or not ("requestBody" in operation or "{" in path):
            continue  # it takes no input
        concrete = re.sub(r"\{[^}]+\}", "00000000-0000-4000-8000-000000000000", path)
        answer = server.api.request(method.upper(), concrete, {"definitely": "not this"})
        assert 400 <= answer.status_code < 500, (method, path, answer.status_code, answer.text)
        assert str(answer.status_code) in operation["responses"], (method, path, answer.status_code)
        assert answer.json()["detail"]


@pytest.mark.parametrize(
    "path", ["/api/streams/nothing", "/api/nothing", "/../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd"]
)
def test_unknown_path_is_not_found(server, path):
    answer = server.api.request("GET", path)
    assert answer.status_code == 404 and "root:" not in answer.text


def test_pages_forbid_foreign_scripts(server):
    policy = server.api.request("GET", "/").headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy and "unsafe-inline" not in policy and "unsafe-eval" not in policy
