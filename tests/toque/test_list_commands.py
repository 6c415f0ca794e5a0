"""`toque list …` and `toque task …`: what they print, and with which exit code they end."""

from __future__ import annotations

from tests.toque.test_cli import Shell, loaded, shell

__all__ = ["loaded", "shell"]

PAID = "contrato;valor pago;data do pagamento\nA-1;{};01/11/2026\n"


def test_payments_are_told_in_counts_and_a_second_time_change_nothing(loaded: Shell) -> None:
    file = loaded.write("p.csv", PAID.format("1.000,00"))
    code, out, _ = loaded.run("list", "payments", file, "--creditor", "loja", "--dry-run")
    assert (code, "1 debts would be changed (nothing was)" in out) == (0, True)
    report = loaded.json("list", "payments", file, "--creditor", "loja")
    assert (report["rows"], report["changed"], report["debts"]) == (1, 1, 1)
    again = loaded.json("list", "payments", file, "--creditor", "loja")
    assert (again["changed"], again["same"]) == (0, 1)


def test_a_file_of_which_nothing_fits_ends_with_1_and_the_reasons(loaded: Shell) -> None:
    file = loaded.write("w.csv", "contrato;motivo\nZZ;pago\n")
    code, out, _ = loaded.run("list", "withdraw", file, "--creditor", "loja", "--rejects", "r.csv")
    assert code == 1
    assert "no such contract" in out
    assert "Every row is rejected" in out
    assert "ZZ" in (loaded.folder / "r.csv").read_text("utf-8-sig")


def test_an_unknown_creditor_and_a_missing_column_say_what_to_do(loaded: Shell) -> None:
    file = loaded.write("w.csv", "motivo\npago\n")
    assert loaded.refused("list", "withdraw", file, "--creditor", "loja")[0] == 2
    code, words = loaded.refused("list", "withdraw", loaded.write("x.csv", "contrato\n1\n"), "--creditor", "nobody")
    assert (code, "toque import" in words) == (1, True)


def test_withdrawn_debts_come_back_on_request_and_go_out_in_codes(loaded: Shell) -> None:
    loaded.json("list", "withdraw", loaded.write("w.csv", "contrato\nA-1\n"), "--creditor", "loja")
    codes = loaded.write("codes.csv", "resultado;código\nnot_called;00\n")
    code, words = loaded.refused("list", "return", "nov", "--codes", codes, "--out", "r.csv")
    assert (code, "No code for withdrawn" in words) == (1, True)
    file = loaded.write("u.csv", "contrato;novo valor\nA-1;99,00\n")
    loaded.json("list", "update", file, "--creditor", "loja", "--reopen")
    made = loaded.json("list", "return", "nov", "--codes", codes, "--out", "r.csv")
    assert made["by_disposition"] == {"not_called": 1}
    assert "99,00" in (loaded.folder / "r.csv").read_text("utf-8-sig")


def test_without_tasks_there_is_nothing_to_do(loaded: Shell) -> None:
    assert loaded.run("task", "list")[1].strip() == "Nothing to do."
    assert loaded.json("task", "list") == []
    code, words = loaded.refused("task", "done", "7", "--outcome", "paid")
    assert (code, "toque task list" in words) == (1, True)
