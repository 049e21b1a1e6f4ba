"""Backup, restore and the bundle of diagnostics, by the page and the files that it saves."""

import io
import json
import zipfile

import pytest

PASSWORD = "planted-Secret/77"


@pytest.fixture
def guarded(streaming):
    return streaming.api.add_stream(
        "rtsp://127.0.0.1:9/none",
        camera={"username": "admin", "password": PASSWORD},
        encoding={"authentication": {"enabled": True, "username": "ana", "password": PASSWORD}},
    )


def saved(page, testid: str) -> bytes:
    with page.expect_download() as download:
        page.get_by_test_id(testid).click()
    return open(download.value.path(), "rb").read()


def test_a_backup_brings_back_what_was_deleted(streaming, guarded, page, tmp_path):
    page.goto(f"{streaming.url}/settings#maintenance")
    page.get_by_test_id("backup-secrets").check()
    backup = saved(page, "backup-save")
    assert json.loads(backup)["contains_secrets"] is True and PASSWORD in backup.decode()
    streaming.api.delete(f"api/streams/transmissions/{guarded.transmission_id}")
    file = tmp_path / "backup.json"
    file.write_bytes(backup)
    page.get_by_test_id("restore-file").set_input_files(file)
    changes = page.get_by_test_id("restore-changes")
    changes.wait_for()
    assert "Stream front" in changes.inner_text()
    assert streaming.api.get("api/streams/transmissions") == [], "it was only said"
    page.get_by_test_id("restore-go").click()
    page.get_by_test_id("transmission").wait_for()
    (transmission,) = streaming.api.get("api/streams/transmissions")
    assert transmission["outputs"][0]["authentication"]["password_set"] is True
    assert page.console == []


def test_a_file_that_is_no_backup_changes_nothing(streaming, guarded, page, tmp_path):
    page.goto(f"{streaming.url}/settings#maintenance")
    file = tmp_path / "other.json"
    for content in ("{}", "no JSON", "[]"):
        file.write_text(content)
        page.get_by_test_id("restore-file").set_input_files(file)
        page.get_by_test_id("toast").first.wait_for()
    assert len(streaming.api.get("api/streams/transmissions")) == 1


def test_files_without_passwords_hold_none(streaming, guarded, page):
    # The camera is asked, so that the logs have something to say of it.
    streaming.api.request("GET", f"api/streams/transmissions/{guarded.transmission_id}/still.jpg?max_age=0")
    page.goto(f"{streaming.url}/settings#maintenance")
    assert PASSWORD not in saved(page, "backup-save").decode()
    archive = zipfile.ZipFile(io.BytesIO(saved(page, "bundle-save")))
    assert archive.testzip() is None
    names = archive.namelist()
    assert any(name.endswith("/logs/server.log") for name in names) and len(names) >= 6, names
    for name in names:
        assert PASSWORD not in archive.read(name).decode(), name
