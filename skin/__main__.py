"""Commands: `python -m skin serve | worker | migrate | user | import | export | train | evaluate`."""

import argparse
import asyncio
import getpass
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

from tqdm import tqdm

from skin import bootstrap
from skin.accounts.tables import Role, User
from skin.annotation.schemas import ProjectRequest
from skin.config import ROOT, Settings
from skin.datasets.formats import Format
from skin.datasets.pictures import Folder
from skin.datasets.record import SAID, LabelKind
from skin.datasets.schemas import ImportFormat, LabelsResponse
from skin.errors import Code, SkinError, error
from skin.logs import configure_logging


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
    _add_import_and_export(commands)
    train = commands.add_parser("train", help="teach a network from rated faces; takes hours, and resumes where it was")
    evaluate = commands.add_parser("evaluate", help="measure a network on a rated set; writes a report with plots")
    for command in (train, evaluate):
        command.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data", help="the rated sets")
        command.add_argument("--model", type=_model_folder, default=ROOT / "data" / "models" / "skinnet.v8")
        command.add_argument("--run", dest="folder", type=Path, default=ROOT / "runs" / "skinnet.v8")
    evaluate.add_argument("--set", dest="name", choices=["interfaces", "sfhq", "london"], default="interfaces")
    evaluate.add_argument("--looks", type=int, help="write the model's card from this, the so-many-eth look at london")
    train.set_defaults(run=_train)
    evaluate.set_defaults(run=_evaluate)
    return parser


def _model_folder(text: str) -> Path:
    folder = Path(text)
    if not folder.stem or not folder.suffix:
        raise argparse.ArgumentTypeError(f"{text!r} has no tag: name the folder as name.tag, such as skinnet.v8")
    return folder


def _add_import_and_export(commands: Any) -> None:
    take = commands.add_parser("import", help="add pictures, ratings or labels to a project; resumes where it was")
    take.add_argument("project", help="the project's name or id")
    take.add_argument("--admin", required=True, help="the e-mail address of the administrator who does this")
    take.add_argument("--create", action="store_true", help="make the project when there is none of this name")
    take.add_argument("--pictures", type=Path, help="a folder; all pictures below it are added")
    take.add_argument("--people", type=Path, help="a CSV of file,person,licence about the pictures")
    take.add_argument("--source", help="the name of the set of pictures (default: the folder's name)")
    take.add_argument("--licence", default="", help="of pictures that --people does not tell of")
    take.add_argument("--evaluation-only", action="store_true", help="pictures of this source never teach a network")
    take.add_argument("--ratings", type=Path, help="a CSV of rater,id,monk,...; id is a picture's name without ending")
    take.add_argument("--labels", type=Path, help="JSON Lines (.jsonl) or Label Studio's JSON (.json)")
    take.set_defaults(run=_import)
    give = commands.add_parser("export", help="write a project's labels to a file")
    give.add_argument("project", help="the project's name or id")
    give.add_argument("--admin", required=True, help="the e-mail address of the administrator who does this")
    give.add_argument("--format", type=Format, choices=list(Format), default=Format.JSON_LINES)
    give.add_argument("--snapshot", type=int, help="the number of a snapshot; without, the labels as they are now")
    give.add_argument(
        "--kinds", nargs="+", type=LabelKind, choices=list(LabelKind), default=SAID,
        help="whose labels (default: all but consensus); a snapshot has those that it was made of",
    )  # fmt: skip
    give.add_argument("--out", type=Path, required=True)
    give.set_defaults(run=_export)


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
            user = parts.accounts.register(arguments.email, password, arguments.role)
        else:
            user = parts.accounts.change_role(arguments.email, arguments.role)
        parts.annotation.projects.note_role(user)
    print(f"{arguments.email} is now: {arguments.role}")


def _import(arguments: argparse.Namespace) -> None:
    parts = bootstrap.build_parts(Settings())
    with bootstrap.open_database(parts):
        admin = parts.accounts.find(arguments.admin)
        project_id = _find_project(parts, admin, arguments.project, create=arguments.create)
        source = arguments.source or (arguments.pictures.name if arguments.pictures else "")
        if arguments.evaluation_only:
            parts.datasets.keep_for_evaluation(admin, source)
        if arguments.pictures:
            folder = Folder(
                root=arguments.pictures,
                source=source,
                licence=arguments.licence,
                table=arguments.people,
                stems=arguments.ratings is not None,
            )
            with tqdm(total=len(folder.list_files()), unit="picture") as bar:
                done = parts.datasets.add_folder(admin, project_id, folder, bar.update)
            for skipped in done.skipped:
                print(f"{skipped.name}: {skipped.code}: {skipped.message}", file=sys.stderr)
            print(f"Pictures: {done.added} added, {len(done.skipped)} not.")
        if arguments.ratings:
            _tell(parts.datasets.add_ratings(admin, project_id, source, arguments.ratings))
        if arguments.labels:
            kind = ImportFormat.JSON_LINES if arguments.labels.suffix == ".jsonl" else ImportFormat.LABEL_STUDIO
            _tell(parts.datasets.imports.add_file(admin, project_id, kind, arguments.labels.read_bytes()))


def _tell(done: LabelsResponse) -> None:
    for refused in done.refused:
        print(f"{refused.where}: {refused.why}", file=sys.stderr)
    print(f"Labels: {done.added} added, {done.known} known already, {done.left} left, {len(done.refused)} refused.")


def _export(arguments: argparse.Namespace) -> None:
    parts = bootstrap.build_parts(Settings())
    with bootstrap.open_database(parts):
        admin = parts.accounts.find(arguments.admin)
        project_id = _find_project(parts, admin, arguments.project)
        snapshots = parts.datasets.snapshots
        if arguments.snapshot is None:
            export = snapshots.export_now(admin, project_id, arguments.format, arguments.kinds)
        else:
            made = snapshots.list_all(admin, project_id).snapshots
            snapshot_id = next((one.id for one in made if one.number == arguments.snapshot), None)
            if snapshot_id is None:
                raise error(Code.SNAPSHOT_NOT_FOUND)
            export = snapshots.export(admin, snapshot_id, arguments.format)
        with arguments.out.open("wb") as file, tqdm(unit="B", unit_scale=True) as bar:
            for piece in export.pieces:
                bar.update(file.write(piece))
    print(f"Written: {arguments.out}")


def _find_project(parts: bootstrap.Parts, admin: User, name: str, *, create: bool = False) -> UUID:
    projects = parts.annotation.projects
    for project in projects.list_visible(admin).projects:
        if name in (project.name, str(project.id)):
            return project.id
    if create:
        return projects.create(admin, ProjectRequest(name=name)).id
    raise error(Code.PROJECT_NOT_FOUND)


def _train(arguments: argparse.Namespace) -> None:
    from skin.training.train import Plan, train  # torch: 5.5 GB that serving does without

    configure_logging("console")
    print(f"Trained: {train(Plan(shared=arguments.data, run=arguments.folder, out=arguments.model))}")


def _evaluate(arguments: argparse.Namespace) -> None:
    from skin.training.carding import publish
    from skin.training.evaluate import evaluate

    configure_logging("console")
    name = "london" if arguments.looks else arguments.name
    out = arguments.folder / f"evaluation_{name}"
    out.mkdir(parents=True, exist_ok=True)
    if arguments.looks:
        publish(arguments.data, arguments.model, out, looks=arguments.looks)
    else:
        evaluate(arguments.data, name, arguments.model, out)
    print(f"Written: {out / 'report.md'}")


if __name__ == "__main__":
    sys.exit(main())
