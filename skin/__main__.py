"""Commands: `python -m skin serve | worker | migrate | user | train | evaluate`."""

import argparse
import asyncio
import getpass
import sys
from pathlib import Path

from skin import bootstrap
from skin.accounts.tables import Role
from skin.config import ROOT, Settings
from skin.errors import SkinError


def main() -> int:
    arguments = _parser().parse_args()
    try:
        arguments.run(arguments)
    except SkinError as failure:
        print(f"{failure.code}: {failure}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m skin", description="Scan a face; see what a photo can tell.")
    commands = parser.add_subparsers(required=True, metavar="command")
    commands.add_parser("serve", help="serve the page and the API").set_defaults(run=_serve)
    commands.add_parser("worker", help="analyse scans for a web process elsewhere").set_defaults(run=_worker)
    commands.add_parser("migrate", help="bring the database to the present schema").set_defaults(run=_migrate)
    user = commands.add_parser("user", help="make an account, or change the role of one")
    user.add_argument("email")
    user.add_argument("--role", type=Role, choices=list(Role), default=Role.USER)
    user.add_argument("--create", action="store_true", help="make the account; asks for its password")
    user.set_defaults(run=_user)
    train = commands.add_parser("train", help="teach a network from rated faces; takes hours, and resumes where it was")
    evaluate = commands.add_parser("evaluate", help="measure a network on a rated set; writes a report with plots")
    for command in (train, evaluate):
        command.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data", help="the rated sets")
        command.add_argument("--model", type=Path, default=ROOT / "data" / "models" / "skinnet.v1")
        command.add_argument("--run", dest="folder", type=Path, default=ROOT / "runs" / "skinnet.v1")
    evaluate.add_argument("--set", dest="name", choices=["interfaces", "sfhq", "london"], default="interfaces")
    train.set_defaults(run=_train)
    evaluate.set_defaults(run=_evaluate)
    return parser


def _serve(_: argparse.Namespace) -> None:
    settings = Settings()
    bootstrap.serve(bootstrap.build_app(settings), settings)


def _worker(_: argparse.Namespace) -> None:
    asyncio.run(bootstrap.run_worker(Settings()))


def _migrate(_: argparse.Namespace) -> None:
    with bootstrap.open_database(bootstrap.build_parts(Settings())):
        print("The database is at the present schema.")


def _user(arguments: argparse.Namespace) -> None:
    parts = bootstrap.build_parts(Settings())
    with bootstrap.open_database(parts):
        if arguments.create:
            password = getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
            parts.accounts.register(arguments.email, password, arguments.role)
        else:
            parts.accounts.change_role(arguments.email, arguments.role)
    print(f"{arguments.email} is now: {arguments.role}")


def _train(arguments: argparse.Namespace) -> None:
    from skin.training.train import Plan, train  # torch: 5.5 GB that serving does without

    bootstrap.configure_logging("console")
    print(f"Trained: {train(Plan(shared=arguments.data, run=arguments.folder, out=arguments.model))}")


def _evaluate(arguments: argparse.Namespace) -> None:
    from skin.training.evaluate import evaluate

    bootstrap.configure_logging("console")
    out = arguments.folder / f"evaluation_{arguments.name}"
    out.mkdir(parents=True, exist_ok=True)
    evaluate(arguments.data, arguments.name, arguments.model, out)
    print(f"Written: {out / 'report.md'}")


if __name__ == "__main__":
    sys.exit(main())
