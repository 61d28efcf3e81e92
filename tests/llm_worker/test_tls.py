"""Servers over https, with certificates of an authority of one's own."""

import shutil
import ssl
import subprocess
from pathlib import Path

import pytest

from bus.errors import EXIT_REFUSED
from tests.llm_worker.test_worker import generated, list_of_models, order
from tests.support.needs import needs
from tests.support.ollama_double import Model, OllamaDouble
from tests.support.system import System


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a certificate for 127.0.0.1 that no usual authority knows; return its file, which also holds the key."""
    needs(shutil.which("openssl"), "openssl makes the certificate")
    file = tmp_path_factory.mktemp("tls") / "own.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=our own"]
    more = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", f"{file}.key", "-out", str(file)]
    subprocess.run([*made, *more], check=True, capture_output=True)
    return file


@pytest.fixture
def double(certificate: Path) -> OllamaDouble:
    made = OllamaDouble(Model("mine:1b"))
    made.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.tls.load_cert_chain(certificate, f"{certificate}.key")
    return made


def test_a_server_with_a_certificate_of_ones_own_plays_when_it_is_named(double: OllamaDouble, certificate: Path):
    with double, System({"OLLAMA_HOST": double.url, "SSL_CERT_FILE": str(certificate)}) as system:
        system.start("broker", "llm_worker")
        listed = system.visit(list_of_models)
        end = system.visit(lambda guest: generated(guest, order(model="mine:1b")))

    assert (listed.host, listed.player, listed.problem) == (double.url, "ollama", "")
    assert end.text.startswith("Hello")


def test_without_it_the_server_is_not_trusted(double: OllamaDouble):
    with double, System({"OLLAMA_HOST": double.url}) as system:
        system.environment.pop("SSL_CERT_FILE", None)
        system.start("broker", "llm_worker")
        listed = system.visit(list_of_models)

    assert listed.player == "rehearsal"
    assert "certificate" in listed.problem.lower()
    assert "SSL_CERT_FILE" in listed.problem


def test_a_file_of_certificates_that_cannot_be_read_is_named(tmp_path: Path):
    with System() as system:
        system.environment |= {"SSL_CERT_FILE": str(tmp_path / "gone.pem"), "OLLAMA_HOST": "https://127.0.0.1:9"}
        worker = system.launch("llm_worker")

        assert worker.wait(60) == EXIT_REFUSED
        del system.processes["llm_worker"]
        assert "SSL_CERT_FILE=" in system.output("llm_worker")
        assert "gone.pem" in system.output("llm_worker")
        assert "Traceback" not in system.output("llm_worker")
