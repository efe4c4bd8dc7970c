"""核对一轮评定的封存档案。Checks the sealed package of one round.

    python3 verify_round.py 包.zip [--root 清单校验值]

Needs Python 3.9 and nothing else; reads one file and writes none. Every hash is computed anew,
every ballot counted again, every rule applied again. Exit: 0 in order, 1 something is wrong, 2 not
a package that can be read.
"""

import argparse
import datetime
import fractions
import hashlib
import json
import math
import re
import sys
import zipfile

MANIFEST = "MANIFEST.txt"
MOST = 512 * 2**20
CHOICES = ("for", "against", "abstain", "defer")
COUNTS = tuple(f"votes_{choice}" for choice in CHOICES)
CHECKS = []


class Unreadable(Exception):
    pass


def check(zh, en):
    """Registers a check: a function of the package that yields what is wrong, twice over."""

    def mark(function):
        CHECKS.append((zh, en, function))
        return function

    return mark


def sha256(data):
    return hashlib.sha256(data if isinstance(data, bytes) else data.encode()).hexdigest()


def canonical(body):
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


class Package:
    """The files by name; each JSON part read once, when it is asked for."""

    def __init__(self, path, root=""):
        self.root = root
        try:
            with zipfile.ZipFile(path) as package:
                infos = package.infolist()
                if sum(info.file_size for info in infos) > MOST:
                    raise Unreadable("太大 / too large")
                self.names = [info.filename for info in infos]
                self.files = {info.filename: package.read(info) for info in infos}
        except (OSError, zipfile.BadZipFile, zipfile.LargeZipFile, RuntimeError, ValueError) as bad:
            raise Unreadable(str(bad)) from bad
        except Exception as bad:  # zlib's own error for a damaged part
            raise Unreadable(repr(bad)) from bad
        if MANIFEST not in self.files:
            raise Unreadable("没有清单 / no " + MANIFEST)
        self._read = {}

    def __getitem__(self, name):
        if name not in self._read:
            self._read[name] = json.loads(self.files[name + ".json"].decode())
        return self._read[name]

    @property
    def rules(self):
        return self["round"]["rules"]


def by_key(rows, key="key"):
    return {row[key]: row for row in rows}


def base(row, rules):
    """What shares are taken of."""
    return row["entitled"] - (0 if rules["recused_count_as_entitled"] else row["recused"])


@check("清单与文件校验值", "manifest and hashes of the files")
def files(pkg):
    listed = {}
    for line in pkg.files[MANIFEST].decode("utf-8", "replace").splitlines():
        found = re.fullmatch(r"([0-9a-f]{64})  (.+)", line)
        if not found:
            yield "清单有一行读不懂", "a line of the manifest cannot be read"
            continue
        listed[found[2]] = found[1]
    if len(pkg.names) != len(set(pkg.names)):
        yield "包里有重名的文件", "two files of the package have one name"
    for name in sorted(set(listed) | set(pkg.files) - {MANIFEST}):
        if name not in pkg.files:
            yield f"缺文件 {name}", f"{name} is missing"
        elif name not in listed:
            yield f"清单上没有 {name}", f"{name} is not in the manifest"
        elif sha256(pkg.files[name]) != listed[name]:
            yield f"{name} 被改动过", f"{name} has been changed"
    if pkg.root and sha256(pkg.files[MANIFEST]) != pkg.root:
        yield "清单校验值与登记的不符", "the manifest is not the one registered"


@check("规则封存", "rules and their seal")
def seal(pkg):
    round_ = pkg["round"]
    sealed, rules = round_["sealed"], round_["rules"]
    if sha256(canonical(sealed)) != round_["seal"]:
        yield "规则、参加名单与封存校验值不符", "rules or roster do not give the seal"
    pairs = {
        "quorum": [rules["quorum_num"], rules["quorum_den"]],
        "majority": [rules["majority_num"], rules["majority_den"]],
    }
    for name, value in {**rules, **pairs}.items():
        if name in sealed and sealed[name] != value:
            yield f"规则“{name}”与封存的不同", f"rule {name} differs from the sealed one"
    places = {(row[0], row[1]): row[2] for row in sealed["quotas"]}
    if places != {(row["star"], row["kind"]): row["places"] for row in round_["quotas"]}:
        yield "名额与封存的不同", "places differ from the sealed ones"
    if sealed["unit"] != round_["unit"] or sealed["half"] != round_["half"]:
        yield "单位或半年与封存的不同", "unit or half-year differ from the sealed ones"
    listed = {
        (one["person"]["no"], one["takes_part"], one["reason"])
        for one in pkg["participants"]["people"]
    } | {
        (one["section"], one["takes_part"], one["reason"])
        for one in pkg["participants"]["sections"]
    }
    if listed != {(row[0] or row[1], row[2], row[3]) for row in sealed["participants"]}:
        yield "参加名单与封存的不同", "the roster differs from the sealed one"


@check("细则与积分卡", "rule book and scorecards")
def points(pkg):
    book, run, sealed = pkg["rulebook"], pkg["scorecards"], pkg["round"]["sealed"]
    head = "{} {}\n".format(book["version"], book["in_force_from"])
    if sha256(head + book["text"]) != book["digest"] or book["digest"] != sealed["book"]:
        yield "积分细则与校验值不符", "the rule book does not give its hash"
    lines = sorted(sha256(card["line"]) for card in run["cards"])
    if sha256("\n".join(lines)) != run["output_hash"] or run["output_hash"] != sealed["run"]:
        yield "积分卡与校验值不符", "the scorecards do not give their hash"
    for card in run["cards"]:
        who = "person " + card["person"]["no"] if card["person"] else "section " + card["section"]
        sums = " ".join(card[name] for name in ("base", "deduction", "bonus", "score"))
        said = "{} {} {} {}".format(who, card["star"] or "total", sums, card["place"])
        if not (card["line"] + " ").startswith(said + " "):
            yield f"{who} 的积分卡前后不一", f"the card of {who} contradicts itself"


@check("办理经过", "the course of round and nominations")
def moves(pkg):
    things = [("本轮", "the round", pkg["round"])]
    things += [(f"提名{n['key']}", f"nomination {n['key']}", n) for n in pkg["nominations"]]
    for zh, en, thing in things:
        chain = thing["moves"]
        steps = [(one["from_state"], one["to_state"]) for one in chain]
        broken = any(steps[n][1] != steps[n + 1][0] for n in range(len(steps) - 1))
        order = [one["version"] for one in chain]
        times = [one["at"] for one in chain]
        if broken or order != sorted(set(order)) or times != sorted(times):
            yield f"{zh}的经过不连贯", f"the steps of {en} do not follow each other"
        if steps and steps[-1][1] != thing["state"]:
            yield f"{zh}的状态与经过不符", f"{en} is not where its steps lead"
    if pkg["round"]["state"] != "published":
        yield "本轮没有公布", "the round has not been published"


@check("提名材料", "dossiers")
def dossiers(pkg):
    for one in pkg["nominations"]:
        for row in one["dossiers"]:
            if sha256(canonical(row["body"])) != row["digest"]:
                yield f"提名{one['key']}的材料被改动过", f"dossier of {one['key']} was changed"


@check("支部评星", "the branch's outcome")
def branch(pkg):
    part, rules = pkg["branch"], pkg.rules
    nominations = by_key(pkg["nominations"])
    for row in part["outcomes"]:
        key = row["nomination"]
        branch_of = nominations[key]["branch"]
        entitled = sum(seat["branch"] == branch_of for seat in part["seats"])
        recused = sum(
            one["nomination"] == key and one["lifted_at"] is None for one in part["recused"]
        )
        if entitled != row["entitled"] or recused != row["recused"]:
            yield f"提名{key}的应评、回避人数不符", f"seats or recusals of {key} do not add up"
        marks = [one["mark"] for one in row["opinions"]]
        if rules["branch_method"] == "marks":
            exact = mean_of(row["opinions"], rules)
            same = (None if exact is None else math.floor(exact * 1000)) == (
                None if row["mean"] is None else round(fractions.Fraction(row["mean"]) * 1000)
            )
            if (
                not same
                or row["given"] != len(marks)
                or row["outcome"] != word_of_mean(exact, rules)
            ):
                yield f"提名{key}的支部平均分不符", f"the branch's mean of {key} is wrong"
            continue
        if [marks.count(one) for one in CHOICES[:3]] != [row[one] for one in COUNTS[:3]]:
            yield f"提名{key}的支部票数不符", f"the branch's count of {key} is wrong"
        if row["outcome"] != word_of(row, base(row, rules)):
            yield f"提名{key}的支部意见不符", f"the branch's word on {key} is wrong"


def mean_of(opinions, rules):
    """One lowest and one highest mark aside, of five or more; then each class; then the weights."""
    kept = sorted((one["points"], one["leads"]) for one in opinions)
    if rules["trimmed"] and len(kept) >= 5:
        kept.remove(kept[0])
        kept.remove(max(kept, key=lambda one: (one[0], not one[1])))
    classes = [[points for points, leads in kept if leads is lead] for lead in (True, False)]
    weight = fractions.Fraction(rules["leaders_weight"], 100)
    if weight and all(classes):
        leaders, others = (fractions.Fraction(sum(one), len(one)) for one in classes)
        return weight * leaders + (1 - weight) * others
    return fractions.Fraction(sum(one[0] for one in kept), len(kept)) if kept else None


def word_of_mean(exact, rules):
    if exact is None:
        return "split"
    if exact >= rules["agreed_from"]:
        return "agreed"
    return "against" if exact < rules["against_below"] else "split"


def word_of(row, entitled):
    if row["votes_for"] * 2 > entitled:
        return "agreed"
    return "against" if row["votes_against"] * 2 > entitled else "split"


@check("表决重新计票", "every ballot counted again")
def boxes(pkg):
    for box in pkg["sitting"]["boxes"]:
        if box["state"] == "open":
            yield f"表决{box['key']}没有结束", f"ballot {box['key']} was never closed"
        if box["state"] == "closed":
            yield from _counted(box)
    turns = [(box["nomination"], box["turn"]) for box in pkg["sitting"]["boxes"]]
    if len(turns) != len(set(turns)):
        yield "同一次表决出现两遍", "one ballot stands there twice"


def _counted(box):
    name, electors = box["key"], box["electors"]
    cast = box["ballots"] if box["secret"] else box["votes"]
    choices = [one["choice"] for one in cast]
    if [choices.count(one) for one in CHOICES] != [box[one] for one in COUNTS]:
        yield f"表决{name}的票数与票不符", f"the count of ballot {name} is not what was cast"
    if not set(choices) <= set(CHOICES):
        yield f"表决{name}有认不得的票", f"ballot {name} holds an unknown choice"
        return
    voted = [one["staff"]["no"] for one in electors if one["has_voted"]]
    if len(voted) != len(cast):
        yield f"表决{name}的票数与投票人数不符", f"ballot {name}: votes and voters differ"
    if not box["secret"] and sorted(voted) != sorted(one["by"]["no"] for one in cast):
        yield f"表决{name}有人无权投票", f"ballot {name}: somebody voted who was not to"
    if any(one["has_voted"] and one["standing"] != "due" for one in electors):
        yield f"表决{name}有回避或未到会的人投票", f"ballot {name}: one recused or absent voted"
    recused = sum(one["standing"] == "recused" for one in electors)
    if box["entitled"] != len(electors) or box["recused"] != recused:
        yield f"表决{name}的应到、回避不符", f"ballot {name}: entitled or recused do not add up"
    if box["present"] > len(electors) or box["present"] < len(voted):
        yield f"表决{name}的实到不符", f"ballot {name}: those present do not add up"
    choices.sort(key=CHOICES.index)
    if box["secret"] and [one["choice"] for one in cast] != choices:
        yield f"表决{name}的票没有打乱", f"the ballots of {name} are not in the order of choices"
    body = {n: box[n] for n in ("nomination", "turn", "secret", "entitled", "present", "recused")}
    if sha256(canonical({**body, "box": name, "ballots": choices})) != box["digest"]:
        yield f"表决{name}与校验值不符", f"ballot {name} does not give its hash"


@check("法定人数与过半数", "quorum and majority")
def decisions(pkg):
    rules = pkg.rules
    last = {}
    for box in pkg["sitting"]["boxes"]:
        if box["state"] == "closed":
            last[box["nomination"]] = box
    for row in pkg["decisions"]["decisions"]:
        key, box = row["nomination"], last.get(row["nomination"])
        if (box["key"] if box else None) != row["box"]:
            yield f"提名{key}没有按最后一次表决", f"{key} was not decided by its last ballot"
        elif box and any(box[n] != row[n] for n in ("entitled", "recused", "present", *COUNTS)):
            yield f"提名{key}的决定与表决不符", f"the decision on {key} is not what was counted"
        there = max(row["present"], in_the_room(pkg, box))
        if there * rules["quorum_den"] < rules["quorum_num"] * row["entitled"]:
            yield f"提名{key}表决时不足法定人数", f"no quorum when {key} was decided"
        of = base(row, rules)
        deferred = row["votes_defer"] * 2 > of
        passed = row["votes_for"] * rules["majority_den"] > of * rules["majority_num"]
        if (row["passed"], row["deferred"]) != (passed and not deferred, deferred):
            yield f"提名{key}的通过与否不符", f"whether {key} passed is wrong"
        if row["placed"] and (not row["passed"] or row["deferred"]):
            yield f"提名{key}没有通过却列入", f"{key} has a place and did not pass"


def in_the_room(pkg, box):
    """How many were there when the ballot closed: some come after it was opened."""
    here = {}
    meetings = pkg["sitting"]["meetings"] if box else []
    for meeting in meetings:
        for move in meeting["attendance"] if meeting["number"] == box["meeting"] else []:
            if move["at"] <= box["closed_at"]:
                here[move["staff"]["no"]] = move["kind"] == "came"
    return sum(here.values())


@check("名额与同票", "places and ties")
def places(pkg):
    rules, nominations = pkg.rules, by_key(pkg["nominations"])
    groups = {}
    for row in pkg["decisions"]["decisions"]:
        one = nominations[row["nomination"]]
        groups.setdefault((one["star"], one["kind"]), []).append(row)
    quota = {(row["star"], row["kind"]): row["places"] for row in pkg["round"]["quotas"]}
    floating = {"section": 0, "person": 0}
    settled = {(one["star"], one["kind"]) for one in pkg["decisions"]["settlements"]}
    for key, rows in sorted(groups.items()):
        label = f"{key[0]}/{key[1]}"
        own = [row for row in rows if row["placed"] and not row["floating"]]
        floating[key[1]] += sum(row["placed"] and row["floating"] for row in rows)
        out = [row for row in rows if row["passed"] and not row["placed"]]
        if len(own) > quota.get(key, 0):
            yield f"{label}超过名额", f"{label} has more than its places"
        if len(own) < quota.get(key, 0) and out and rules["tie_last"] != "empty":
            yield f"{label}有名额而未列入", f"{label}: one who passed was left out"
        if own and out:
            least = min(row["votes_for"] for row in own)
            most = max(row["votes_for"] for row in out)
            if most > least:
                yield f"{label}票多的没有列入", f"{label}: more votes and no place"
        for row in own:
            if row["settled_by"] and key not in settled:
                yield f"{label}的裁定没有记录", f"{label}: a tie was settled by nobody"
    for kind, most in (("section", "floating_sections"), ("person", "floating_persons")):
        if floating[kind] > rules[most]:
            yield "机动名额超过", "more than the floating places"


@check("公示工作日", "working days of publicity")
def publicity(pkg):
    part, days = pkg["publicity"], pkg["publicity"]["calendar"]
    first = datetime.date.fromisoformat(part["from"])
    last = datetime.date.fromisoformat(part["until"])
    whole = [(first + datetime.timedelta(n)).isoformat() for n in range((last - first).days + 1)]
    if [day for day, _working in days] != whole:
        yield "公示期的日历不全", "the calendar of the publicity is not whole"
    working = sum(bool(is_working) for day, is_working in days if day > part["from"])
    if not part["seconds"] and working < pkg.rules["publicity_days"]:
        yield "公示不足规定的工作日", "fewer working days than the rules ask"
    if not part["seconds"] and days and not days[-1][1]:
        yield "公示止于休息日", "the publicity ends on a day off"
    first_edition = pkg["publications"][0]
    published = datetime.datetime.fromisoformat(first_edition["published_at"])
    shanghai = published.astimezone(datetime.timezone(datetime.timedelta(hours=8)))
    if shanghai.date() < last or (
        not part["seconds"] and shanghai.date() == last and shanghai.hour < 18
    ):
        yield "公示没有期满就公布", "published before the publicity was over"
    said = first_edition["body"]["publicity"]
    if (said["from"], said["until"]) != (part["from"], part["until"]):
        yield "公布文本的公示日期不符", "the publication names other days"


@check("异议", "objections")
def objections(pkg):
    rows, published = pkg["objections"], pkg["publications"][0]
    for row in rows:
        if not row["outcome"] or not row["handled_by"]:
            yield f"异议{row['number']}没有处理", f"objection {row['number']} was not handled"
    said = published["body"]["objections"]
    raised = sum(row["reviews"] is None for row in rows)
    upheld = sum(row["outcome"] == "upheld" for row in deciding(rows))
    if (said["raised"], said["upheld"]) != (raised, upheld):
        yield "公布文本的异议条数不符", "the publication counts other objections"
    if any(row["handled_at"] and row["handled_at"] > published["published_at"] for row in rows):
        yield "公布以后还在处理异议", "an objection was handled after the publication"


def deciding(rows):
    """Those that have the last word: a review sets aside the finding it was asked on."""
    reviewed = {row["reviews"] for row in rows}
    return [row for row in rows if row["key"] not in reviewed]


@check("评定与编号", "awards and their numbers")
def awards(pkg):
    rows = pkg["awards"]["awards"]
    placed = {r["nomination"] for r in pkg["decisions"]["decisions"] if r["placed"]}
    last_words = deciding(pkg["objections"])
    upheld = {r["nomination"] for r in last_words if r["outcome"] == "upheld"}
    half = pkg["round"]["half"]
    head = "〔{}〕{}-".format(half[:4], "上" if half.endswith("1") else "下")
    if sorted(row["number"] for row in rows) != [f"{head}{n:02d}" for n in range(1, len(rows) + 1)]:
        yield "编号不连续或不合格式", "the numbers do not run on"
    for row in rows:
        if row["nomination"] not in placed - upheld:
            yield f"{row['number']}没有依据", f"{row['number']} rests on no decision"
    nominations = by_key(pkg["nominations"])
    for row in rows:
        one = nominations[row["nomination"]]
        if (row["star"], row["person"]) != (one["star"], one["person"]):
            yield f"{row['number']}与提名不符", f"{row['number']} is not what was nominated"
    numbers = {row["number"] for row in rows}
    if not {row["award"] for row in pkg["awards"]["revocations"]} <= numbers:
        yield "撤销的编号不存在", "a star was taken back that was never given"


@check("公布文本", "publications")
def publications(pkg):
    editions = pkg["publications"]
    if [one["edition"] for one in editions] != list(range(1, len(editions) + 1)):
        yield "版次不连续", "the editions do not run on"
    for one in editions:
        if sha256(canonical(one["body"])) != one["digest"]:
            yield f"第{one['edition']}版与校验值不符", f"edition {one['edition']} was changed"
        if one["body"]["rules"]["seal"] != pkg["round"]["seal"]:
            yield f"第{one['edition']}版的规则不同", f"edition {one['edition']} has other rules"
    shown = [
        one["number"]
        for star in editions[0]["body"]["stars"]
        for one in (*star["sections"], *star["persons"])
    ]
    if sorted(shown) != sorted(row["number"] for row in pkg["awards"]["awards"]):
        yield "公布的名单与评定不符", "the publication names others than were given stars"
    counted = sorted(
        (row["committee"]["votes_for"], row["committee"]["entitled"], row["placed"])
        for row in editions[0]["body"]["counts"]
    )
    if counted != sorted(
        (row["votes_for"], row["entitled"], row["placed"]) for row in pkg["decisions"]["decisions"]
    ):
        yield "公布的计票与决定不符", "the publication counts otherwise"


@check("会议纪要与办理记录", "minutes and trail")
def minutes(pkg):
    for meeting in pkg["sitting"]["meetings"]:
        row = meeting["minutes"]
        whole = row and canonical({"body": row["body"], "text": row["text"]})
        if row and row["digest"] and sha256(whole) != row["digest"]:
            yield f"第{meeting['number']}次会议纪要被改动过", "the minutes were changed"
    acts = {}
    for row in pkg["audit"]:
        acts.setdefault(row["act"], []).append(row)
    for row in acts.get("round.open", []):
        if row["after"].get("seal") != pkg["round"]["seal"]:
            yield "开启记录与封存不符", "the trail names another seal"
    digests = [row["after"].get("digest") for row in acts.get("result.publish", [])]
    if digests and digests[0] != pkg["publications"][0]["digest"]:
        yield "公布记录与公布文本不符", "the trail names another publication"


def main(arguments):
    parser = argparse.ArgumentParser(description="核对封存档案 / check a sealed package")
    parser.add_argument("package")
    parser.add_argument("--root", default="", help="登记的清单校验值 / the hash in the register")
    asked = parser.parse_args(arguments)
    try:
        package = Package(asked.package, asked.root.strip().lower())
    except Unreadable as why:
        print(f"读不了这个包：{why}\nThe package cannot be read: {why}")
        return 2
    wrong = 0
    for zh, en, function in CHECKS:
        try:
            found = list(function(package))
        except Exception as bad:  # a part that is missing or not of its shape
            found = [(f"内容缺损：{bad!r}", f"damaged: {bad!r}")]
        wrong += len(found)
        print(f"[{'不符 WRONG' if found else '相符 ok'}] {zh} / {en}")
        for line in found:
            print(f"    {line[0]} / {line[1]}")
    root = sha256(package.files[MANIFEST])
    known = "已与登记的核对 / as registered" if asked.root else "请与登记的核对 / compare yourself"
    print(f"清单校验值 / root: {root}（{known}）")
    print(f"结论：{wrong}处不符 / {wrong} wrong" if wrong else "结论：全部相符 / all in order")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    sys.exit(main(sys.argv[1:]))
