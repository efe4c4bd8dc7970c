"""Who gets what from every route. Written by hand: the code's own table is not asked.

A line: route, what it is tried on, method, then one letter a role in the order of `ROLES`:

    .  shown            R  done, and led on (302)     L  led to the sign-in
    F  forbidden (403)  N  not to be seen (404)       M  not by this method (405)
    U  refused (422)    C  somebody was faster (409)

Things are seen from the officer of the first section (see access_world.py). POSTs carry a body
that would be accepted of whoever may.
"""

import os
import uuid
from functools import cache
from typing import NamedTuple

from django.urls import reverse

from tests.house import access_declarations, access_facts
from tests.house.access_bodies import BODIES, TARGETS

ROLES = [
    *("anonymous", "officer", "deputy", "chief", "leader", "secretary", "member", "committee"),
    *("chair", "personnel", "system", "security", "auditor", "stranger", "disabled"),
]
LETTERS = {200: ".", 400: "B", 401: "4", 403: "F", 404: "N", 405: "M", 409: "C", 422: "U", 503: "X"}
DONE = ".R"
# A download leaves its line in the trail, though a link leads to it.
WRITES_ON_GET = {"desk:job_file", "scoring:proof_download"}


class Row(NamedTuple):
    name: str
    thing: str
    method: str
    expected: str

    def __str__(self):
        return f"{self.name} {self.thing} {self.method}"


TABLE = """
# anonymous officer deputy chief leader secretary member Committee cHair personnel
# System secUrity Auditor stranger(x) Disabled                aodclsmCHpSUAxD
desk:home                   -                            GET  L.........RRR.L
desk:home                   -                            POST LMMMMMMMMMMMMML

desk:office                 -                            GET  LFFFFFFFF.FFF.L

desk:notices                -                            GET  L.........FFF.L

desk:notices_read           -                            GET  LMMMMMMMMMFFFML
desk:notices_read           -                            POST LRRRRRRRRRFFFRL

desk:search                 -                            GET  L.........FFF.L

desk:job                    job.own                      GET  L.NNNNNNNNFFFNL
desk:job                    job.office                   GET  LNNNNNNNN.FFFNL
desk:job                    job.unit                     GET  LNNNNNNNNNFFF.L
desk:job                    nowhere                      GET  LNNNNNNNNNFFFNL

desk:job_progress           job.own                      GET  L.NNNNNNNNFFFNL
desk:job_progress           job.office                   GET  LNNNNNNNN.FFFNL
desk:job_progress           job.unit                     GET  LNNNNNNNNNFFF.L
desk:job_progress           nowhere                      GET  LNNNNNNNNNFFFNL

desk:job_file               job.own                      GET  L.NNNNNNNNFFFNL
desk:job_file               job.office                   GET  LNNNNNNNN.FFFNL
desk:job_file               job.unit                     GET  LNNNNNNNNNFFF.L
desk:job_file               nowhere                      GET  LNNNNNNNNNFFFNL

desk:health                 -                            GET  ...............

desk:styleguide             -                            GET  NNNNNNNNNNNNNNN

desk:demo                   -                            GET  NNNNNNNNNNNNNNN

desk:demo_sign_in           nowhere                      GET  NNNNNNNNNNNNNNN
desk:demo_sign_in           nowhere                      POST NNNNNNNNNNNNNNN

desk:demo_rest              nowhere                      GET  NNNNNNNNNNNNNNN
desk:demo_rest              nowhere                      POST NNNNNNNNNNNNNNN

scheme:sign_in              -                            GET  .RRRRRRRRRRRRR.
scheme:sign_in              -                            POST URRRRRRRRRRRRRU

scheme:sign_out             -                            GET  LMMMMMMMMMMMMML
scheme:sign_out             -                            POST LRRRRRRRRRRRRRL

scheme:me                   -                            GET  L.............L

scheme:password_change      -                            GET  L.............L
scheme:password_change      -                            POST LUUUUUUUUUUUUUL

scheme:language_switch      -                            GET  MMMMMMMMMMMMMMM
scheme:language_switch      -                            POST RRRRRRRRRRRRRRR

scheme:theme_switch         -                            GET  MMMMMMMMMMMMMMM
scheme:theme_switch         -                            POST RRRRRRRRRRRRRRR

scheme:roster               -                            GET  LFFFFFFFF.FFF.L
scheme:roster               -                            POST LFFFFFFFFUFFFUL

scheme:roster_preview       upload.good                  GET  LFFFFFFFF.FFFNL
scheme:roster_preview       upload.bad                   GET  LFFFFFFFF.FFFNL
scheme:roster_preview       upload.unit                  GET  LFFFFFFFFNFFF.L
scheme:roster_preview       nowhere                      GET  LFFFFFFFFNFFFNL

scheme:roster_apply         upload.good                  POST LFFFFFFFFRFFFNL
scheme:roster_apply         upload.bad                   POST LFFFFFFFFCFFFNL
scheme:roster_apply         upload.unit                  POST LFFFFFFFFNFFFRL
scheme:roster_apply         nowhere                      POST LFFFFFFFFNFFFNL

scheme:roster_drop          upload.good                  POST LFFFFFFFFRFFFNL
scheme:roster_drop          upload.unit                  POST LFFFFFFFFNFFFRL
scheme:roster_drop          nowhere                      POST LFFFFFFFFNFFFNL

scheme:roster_apply         upload.good                  GET  LFFFFFFFFMFFFML

scheme:roster_drop          upload.good                  GET  LFFFFFFFFMFFFML

scheme:roster_errors        upload.good                  GET  LFFFFFFFFUFFFNL
scheme:roster_errors        upload.bad                   GET  LFFFFFFFF.FFFNL
scheme:roster_errors        upload.unit.bad              GET  LFFFFFFFFNFFF.L
scheme:roster_errors        nowhere                      GET  LFFFFFFFFNFFFNL

scheme:roster_export        -                            GET  LFFFFFFFFMFFFML
scheme:roster_export        -                            POST LFFFFFFFF.FFF.L

ledgers:report_today        -                            GET  L...R..RR.FFF.L

ledgers:report_mine         -                            GET  L.........FFF.L

ledgers:report_detail       report.own                   GET  L....NNNNNFFFNL
ledgers:report_detail       report.draft                 GET  L.NNNNNNNNFFFNL
ledgers:report_detail       report.accepted              GET  L....NNNNNFFFNL
ledgers:report_detail       report.returned              GET  LN...NNNNNFFFNL
ledgers:report_detail       report.chiefs                GET  LN...NNNNNFFFNL
ledgers:report_detail       report.section               GET  LNNNNN.NNNFFFNL
ledgers:report_detail       report.unit                  GET  LNNNNNNNNNFFF.L
ledgers:report_detail       nowhere                      GET  LNNNNNNNNNFFFNL

ledgers:report_edit         today                        GET  L.........FFF.L
ledgers:report_edit         today                        POST LRRRURRUURFFFRL
ledgers:report_edit         yesterday                    GET  LR.R..R...FFF.L
ledgers:report_edit         yesterday                    POST LCRCURCUURFFFRL

ledgers:report_draft        today                        GET  LMMMFMMFFMFFFML
ledgers:report_draft        today                        POST LC..F..FF.FFF.L

ledgers:review              -                            GET  LFF..FFFFFFFF.L

ledgers:review_rest         -                            GET  LFFMMFFFFFFFFML
ledgers:review_rest         -                            POST LFFRFFFFFFFFFFL

ledgers:review_accept       report.own                   GET  LFFMMFFFFFFFFML
ledgers:review_accept       report.own                   POST LFFRFFFFFFFFFNL
ledgers:review_accept       report.draft                 POST LFFNNFFFFFFFFNL
ledgers:review_accept       report.accepted              POST LFFCFFFFFFFFFNL
ledgers:review_accept       report.chiefs                POST LFFFRFFFFFFFFNL
ledgers:review_accept       report.section               POST LFFNNFFFFFFFFNL
ledgers:review_accept       report.unit                  POST LFFNNFFFFFFFFRL
ledgers:review_accept       nowhere                      POST LFFNNFFFFFFFFNL

ledgers:review_return       report.own                   POST LFFRFFFFFFFFFNL
ledgers:review_return       report.chiefs                POST LFFFRFFFFFFFFNL
ledgers:review_return       report.section               POST LFFNNFFFFFFFFNL
ledgers:review_return       report.unit                  POST LFFNNFFFFFFFFRL
ledgers:review_return       nowhere                      POST LFFNNFFFFFFFFNL
ledgers:review_return       report.own                   GET  LFFMMFFFFFFFFML

scoring:points_mine         -                            GET  L.........FFF.L

scoring:points_of           person.own                   GET  L.N..NN...FFFNL
scoring:points_of           person.chief                 GET  LNN..NN...FFFNL
scoring:points_of           person.section               GET  LNNNNN....FFFNL
scoring:points_of           person.unit                  GET  LNNNNNNNNNFFF.L
scoring:points_of           nowhere                      GET  LNNNNNNNNNFFFNL
scoring:points_print        person.own                   GET  L.N..NN...FFFNL
scoring:points_print        person.chief                 GET  LNN..NN...FFFNL
scoring:points_print        person.section               GET  LNNNNN....FFFNL
scoring:points_print        person.unit                  GET  LNNNNNNNNNFFF.L
scoring:points_print        nowhere                      GET  LNNNNNNNNNFFFNL

scoring:points_section      section.own                  GET  L....NN...FFFNL
scoring:points_section      section.other                GET  LNNNN.....FFFNL
scoring:points_section      section.unit                 GET  LNNNNNNNNNFFF.L
scoring:points_section      nowhere                      GET  LNNNNNNNNNFFFNL
scoring:points_section_print section.own                  GET  L....NN...FFFNL
scoring:points_section_print section.other                GET  LNNNN.....FFFNL
scoring:points_section_print section.unit                 GET  LNNNNNNNNNFFF.L
scoring:points_section_print nowhere                      GET  LNNNNNNNNNFFFNL

scoring:rulebook_list       -                            GET  L.........FFF.L

scoring:rulebook_import     -                            GET  LFFFFFFFFMFFFML
scoring:rulebook_import     -                            POST LFFFFFFFFUFFFUL

scoring:rulebook_detail     book                         GET  L.........FFFNL
scoring:rulebook_detail     book.draft                   GET  L.........FFFNL
scoring:rulebook_detail     book.unit                    GET  LNNNNNNNNNFFF.L
scoring:rulebook_detail     nowhere                      GET  LNNNNNNNNNFFFNL

scoring:rulebook_approve    book.draft                   GET  LFFFMFFFFFFFFML
scoring:rulebook_approve    book.draft                   POST LFFFRFFFFFFFFNL
scoring:rulebook_approve    book                         POST LFFFCFFFFFFFFNL
scoring:rulebook_approve    book.unit                    POST LFFFNFFFFFFFFFL
scoring:rulebook_approve    nowhere                      POST LFFFNFFFFFFFFNL

scoring:rulebook_copy       book                         GET  LFFFFFFFFMFFFML
scoring:rulebook_copy       book                         POST LFFFFFFFFUFFFNL
scoring:rulebook_copy       book.unit                    POST LFFFFFFFFNFFFUL
scoring:rulebook_copy       nowhere                      POST LFFFFFFFFNFFFNL

scoring:rulebook_retire     book                         GET  LFFFMFFFFFFFFML
scoring:rulebook_retire     book                         POST LFFFRFFFFFFFFNL
scoring:rulebook_retire     book.draft                   POST LFFFCFFFFFFFFNL
scoring:rulebook_retire     book.unit                    POST LFFFNFFFFFFFFCL
scoring:rulebook_retire     nowhere                      POST LFFFNFFFFFFFFNL

scoring:rulebook_sandbox    book.draft                   GET  LFFF.FFFF.FFFNL
scoring:rulebook_sandbox    book                         GET  LFFF.FFFF.FFFNL
scoring:rulebook_sandbox    book.unit                    GET  LFFFNFFFFNFFF.L
scoring:rulebook_sandbox    nowhere                      GET  LFFFNFFFFNFFFNL

scoring:rulebook_sandbox_export book.draft               GET  LFFFMFFFFMFFFML
scoring:rulebook_sandbox_export book.draft               POST LFFFRFFFFRFFFNL
scoring:rulebook_sandbox_export book                     POST LFFFRFFFFRFFFNL
scoring:rulebook_sandbox_export book.unit                POST LFFFNFFFFNFFFRL
scoring:rulebook_sandbox_export nowhere                  POST LFFFNFFFFNFFFNL

scoring:rulebook_return     book.draft                   GET  LFFFMFFFFFFFFML
scoring:rulebook_return     book.draft                   POST LFFFRFFFFFFFFNL
scoring:rulebook_return     book                         POST LFFFCFFFFFFFFNL
scoring:rulebook_return     book.returned                POST LFFFCFFFFFFFFNL
scoring:rulebook_return     book.unit                    POST LFFFNFFFFFFFFFL
scoring:rulebook_return     nowhere                      POST LFFFNFFFFFFFFNL

scoring:rulebook_hand_in    book.returned                GET  LFFFFFFFFMFFFML
scoring:rulebook_hand_in    book.returned                POST LFFFFFFFFRFFFNL
scoring:rulebook_hand_in    book.draft                   POST LFFFFFFFFCFFFNL
scoring:rulebook_hand_in    book.unit                    POST LFFFFFFFFNFFFCL
scoring:rulebook_hand_in    nowhere                      POST LFFFFFFFFNFFFNL

scoring:rulebook_discard    book.draft                   GET  LFFFFFFFFMFFFML
scoring:rulebook_discard    book.draft                   POST LFFFFFFFFRFFFNL
scoring:rulebook_discard    book                         POST LFFFFFFFFCFFFNL
scoring:rulebook_discard    book.unit                    POST LFFFFFFFFNFFFRL
scoring:rulebook_discard    nowhere                      POST LFFFFFFFFNFFFNL

scoring:rule_switch         rule.draft                   GET  LFFFFFFFFMFFFML
scoring:rule_switch         rule.draft                   POST LFFFFFFFFRFFFNL
scoring:rule_switch         rule                         POST LFFFFFFFFCFFFNL
scoring:rule_switch         rule.unit                    POST LFFFFFFFFNFFFRL
scoring:rule_switch         nowhere                      POST LFFFFFFFFNFFFNL

scoring:rulebook_template   -                            GET  LFFFFFFFF.FFF.L

scoring:rulebook_export     book                         GET  LMMMMMMMMMFFFML
scoring:rulebook_export     book                         POST L.........FFFNL
scoring:rulebook_export     book.draft                   POST L.........FFFNL
scoring:rulebook_export     book.unit                    POST LNNNNNNNNNFFF.L
scoring:rulebook_export     nowhere                      POST LNNNNNNNNNFFFNL

scoring:rulebook_difference book                         GET  L.........FFFNL
scoring:rulebook_difference book.draft                   GET  L.........FFFNL
scoring:rulebook_difference book.unit                    GET  LNNNNNNNNNFFF.L
scoring:rulebook_difference nowhere                      GET  LNNNNNNNNNFFFNL

scoring:quarter_list        -                            GET  LFFF.FFFF.FFF.L

scoring:quarter_close       quarter.open                 GET  LFFFFFFFFMFFFML
scoring:quarter_close       quarter.open                 POST LFFFFFFFFRFFFNL
scoring:quarter_close       quarter.closed               POST LFFFFFFFFCFFFNL
scoring:quarter_close       quarter.unit                 POST LFFFFFFFFNFFFRL
scoring:quarter_close       nowhere                      POST LFFFFFFFFNFFFNL

scoring:quarter_reopen      quarter.closed               GET  LFFFMFFFFFFFFML
scoring:quarter_reopen      quarter.closed               POST LFFFRFFFFFFFFNL
scoring:quarter_reopen      quarter.open                 POST LFFFCFFFFFFFFNL
scoring:quarter_reopen      quarter.unit.closed          POST LFFFNFFFFFFFFFL
scoring:quarter_reopen      nowhere                      POST LFFFNFFFFFFFFNL

scoring:manual_list         -                            GET  LFFF.FFFF.FFF.L

scoring:manual_new          -                            GET  LFFFFFFFF.FFF.L
scoring:manual_new          -                            POST LFFFFFFFFRFFFNL

scoring:manual_detail       manual.waiting               GET  LFFF.FFFF.FFFNL
scoring:manual_detail       manual.done                  GET  LFFF.FFFF.FFFNL
scoring:manual_detail       manual.unit                  GET  LFFFNFFFFNFFF.L
scoring:manual_detail       nowhere                      GET  LFFFNFFFFNFFFNL

scoring:manual_approve      manual.waiting               GET  LFFFMFFFFFFFFML
scoring:manual_approve      manual.waiting               POST LFFFRFFFFFFFFNL
scoring:manual_approve      manual.done                  POST LFFFCFFFFFFFFNL
scoring:manual_approve      manual.unit                  POST LFFFNFFFFFFFFUL
scoring:manual_approve      nowhere                      POST LFFFNFFFFFFFFNL

scoring:manual_refuse       manual.waiting               GET  LFFFMFFFFFFFFML
scoring:manual_refuse       manual.waiting               POST LFFFRFFFFFFFFNL
scoring:manual_refuse       manual.done                  POST LFFFCFFFFFFFFNL
scoring:manual_refuse       manual.unit                  POST LFFFNFFFFFFFFUL
scoring:manual_refuse       nowhere                      POST LFFFNFFFFFFFFNL

scoring:manual_withdraw     manual.waiting               GET  LFFFFFFFFMFFFML
scoring:manual_withdraw     manual.waiting               POST LFFFFFFFFRFFFNL
scoring:manual_withdraw     manual.done                  POST LFFFFFFFFCFFFNL
scoring:manual_withdraw     manual.unit                  POST LFFFFFFFFNFFFRL
scoring:manual_withdraw     nowhere                      POST LFFFFFFFFNFFFNL

scoring:manual_reverse      manual.done                  GET  LFFFFFFFFMFFFML
scoring:manual_reverse      manual.done                  POST LFFFFFFFFRFFFNL
scoring:manual_reverse      manual.waiting               POST LFFFFFFFFUFFFNL
scoring:manual_reverse      manual.unit                  POST LFFFFFFFFNFFFUL
scoring:manual_reverse      nowhere                      POST LFFFFFFFFNFFFNL

stars:round_list            -                            GET  L.........FFF.L

stars:round_prepare         -                            GET  LFFFFFFFFMFFFML
stars:round_prepare         -                            POST LFFFFFFFFRFFFRL

stars:round_detail          preparing                    GET  LNNNNNNNN.FFFNL
stars:round_detail          nominating                   GET  L.........FFFNL
stars:round_detail          at_branch                    GET  L.........FFFNL
stars:round_detail          at_committee                 GET  L.........FFFNL
stars:round_detail          publicity                    GET  L.........FFFNL
stars:round_detail          published                    GET  L.........FFFNL
stars:round_detail          preparing.unit               GET  LNNNNNNNNNFFF.L
stars:round_detail          published.unit               GET  LNNNNNNNNNFFF.L
stars:round_detail          nowhere                      GET  LNNNNNNNNNFFFNL

stars:round_plan            preparing                    GET  LFFFFFFFF.FFFNL
stars:round_plan            preparing                    POST LFFFFFFFFRFFFNL
stars:round_plan            nominating                   GET  LFFFFFFFF.FFFNL
stars:round_plan            nominating                   POST LFFFFFFFFUFFFNL
stars:round_plan            preparing.unit               GET  LFFFFFFFFNFFF.L
stars:round_plan            preparing.unit               POST LFFFFFFFFNFFFRL
stars:round_plan            nowhere                      GET  LFFFFFFFFNFFFNL
stars:round_plan            nowhere                      POST LFFFFFFFFNFFFNL

stars:round_participants    preparing                    GET  LFFFFFFFF.FFFNL
stars:round_participants    preparing                    POST LFFFFFFFFRFFFNL
stars:round_participants    nominating                   GET  LFFFFFFFF.FFFNL
stars:round_participants    nominating                   POST LFFFFFFFFUFFFNL
stars:round_participants    preparing.unit               GET  LFFFFFFFFNFFF.L
stars:round_participants    preparing.unit               POST LFFFFFFFFNFFFRL
stars:round_participants    nowhere                      GET  LFFFFFFFFNFFFNL
stars:round_participants    nowhere                      POST LFFFFFFFFNFFFNL

stars:round_score           preparing                    GET  LFFFFFFFFMFFFML
stars:round_score           preparing                    POST LFFFFFFFFRFFFNL
stars:round_score           preparing.unit               POST LFFFFFFFFNFFFRL
stars:round_score           nowhere                      POST LFFFFFFFFNFFFNL

stars:round_open            preparing                    GET  LFFFFFFFFMFFFML
stars:round_open            preparing                    POST LFFFFFFFFUFFFNL
stars:round_open            nominating                   POST LFFFFFFFFCFFFNL
stars:round_open            preparing.unit               POST LFFFFFFFFNFFFUL
stars:round_open            nowhere                      POST LFFFFFFFFNFFFNL

stars:round_cancel          preparing                    GET  LFFFFFFFFMFFFML
stars:round_cancel          preparing                    POST LFFFFFFFFRFFFNL
stars:round_cancel          at_branch                    POST LFFFFFFFFRFFFNL
stars:round_cancel          published                    POST LFFFFFFFFCFFFNL
stars:round_cancel          preparing.unit               POST LFFFFFFFFNFFFRL
stars:round_cancel          nowhere                      POST LFFFFFFFFNFFFNL

stars:round_advance         at_branch                    GET  LFFFFFFFFMFFFML
stars:round_advance         at_branch                    POST LFFFFFFFFRFFFNL
stars:round_advance         preparing                    POST LFFFFFFFFCFFFNL
stars:round_advance         publicity                    POST LFFFFFFFFUFFFNL
stars:round_advance         published                    POST LFFFFFFFFCFFFNL
stars:round_advance         at_branch.unit               POST LFFFFFFFFNFFFRL
stars:round_advance         nowhere                      POST LFFFFFFFFNFFFNL

stars:nomination_list       preparing                    GET  LNNNNNNNN.FFFNL
stars:nomination_list       nominating                   GET  L.........FFFNL
stars:nomination_list       at_branch                    GET  L.........FFFNL
stars:nomination_list       published                    GET  L.........FFFNL
stars:nomination_list       nominating.unit              GET  LNNNNNNNNNFFF.L
stars:nomination_list       nowhere                      GET  LNNNNNNNNNFFFNL

stars:nomination_new        nominating                   GET  LFF.FFFFFFFFFNL
stars:nomination_new        nominating                   POST LFFRFFFFFFFFFNL
stars:nomination_new        at_branch                    GET  LFFUFFFFFFFFFNL
stars:nomination_new        at_branch                    POST LFFUFFFFFFFFFNL
stars:nomination_new        nominating.unit              GET  LFFNFFFFFFFFF.L
stars:nomination_new        nominating.unit              POST LFFNFFFFFFFFFRL
stars:nomination_new        nowhere                      GET  LFFNFFFFFFFFFNL
stars:nomination_new        nowhere                      POST LFFNFFFFFFFFFNL

stars:nomination_detail     nomination.draft             GET  LNN.NNNNNNFFFNL
stars:nomination_detail     nomination.submitted         GET  LN...NNNN.FFFNL
stars:nomination_detail     nomination.at_branch         GET  L......NN.FFFNL
stars:nomination_detail     nomination.other_branch      GET  LNNN.NN...FFFNL
stars:nomination_detail     nomination.at_committee      GET  L.........FFFNL
stars:nomination_detail     nomination.placed            GET  L.........FFFNL
stars:nomination_detail     nomination.unit.at_branch    GET  LNNNNNNNNNFFF.L
stars:nomination_detail     nowhere                      GET  LNNNNNNNNNFFFNL
stars:nomination_detail     nomination.other_sitting     GET  LNNN.NN...FFFNL

stars:nomination_edit       nomination.draft             GET  LFF.FFFFFFFFFNL
stars:nomination_edit       nomination.draft             POST LFFRFFFFFFFFFNL
stars:nomination_edit       nomination.submitted         GET  LFFRFFFFFFFFFNL
stars:nomination_edit       nomination.submitted         POST LFFRFFFFFFFFFNL
stars:nomination_edit       nomination.at_branch         GET  LFFRFFFFFFFFFNL
stars:nomination_edit       nomination.at_branch         POST LFFRFFFFFFFFFNL
stars:nomination_edit       nomination.unit.draft        GET  LFFNFFFFFFFFF.L
stars:nomination_edit       nomination.unit.draft        POST LFFNFFFFFFFFFRL
stars:nomination_edit       nowhere                      GET  LFFNFFFFFFFFFNL
stars:nomination_edit       nowhere                      POST LFFNFFFFFFFFFNL

stars:nomination_submit     nomination.draft             GET  LFFMFFFFFFFFFML
stars:nomination_submit     nomination.draft             POST LFFRFFFFFFFFFNL
stars:nomination_submit     nomination.submitted         POST LFFCFFFFFFFFFNL
stars:nomination_submit     nomination.at_branch         POST LFFCFFFFFFFFFNL
stars:nomination_submit     nomination.unit.submitted    POST LFFNFFFFFFFFFCL
stars:nomination_submit     nowhere                      POST LFFNFFFFFFFFFNL

stars:nomination_withdraw   nomination.draft             GET  LFFMFFFFFFFFFML
stars:nomination_withdraw   nomination.draft             POST LFFRFFFFFFFFFNL
stars:nomination_withdraw   nomination.submitted         POST LFFRFFFFFFFFFNL
stars:nomination_withdraw   nomination.at_branch         POST LFFCFFFFFFFFFNL
stars:nomination_withdraw   nomination.unit.submitted    POST LFFNFFFFFFFFFRL
stars:nomination_withdraw   nowhere                      POST LFFNFFFFFFFFFNL

stars:nomination_return     nomination.draft             GET  LFFFFFFFFMFFFML
stars:nomination_return     nomination.draft             POST LFFFFFFFFNFFFNL
stars:nomination_return     nomination.submitted         POST LFFFFFFFFRFFFNL
stars:nomination_return     nomination.at_branch         POST LFFFFFFFFCFFFNL
stars:nomination_return     nomination.unit.submitted    POST LFFFFFFFFNFFFRL
stars:nomination_return     nowhere                      POST LFFFFFFFFNFFFNL

stars:branch                nominating                   GET  LNNNNNNNNNFFFNL
stars:branch                at_branch                    GET  L.........FFFNL
stars:branch                at_committee                 GET  L.........FFFNL
stars:branch                at_branch.unit               GET  LNNNNNNNNNFFF.L
stars:branch                nowhere                      GET  LNNNNNNNNNFFFNL

stars:opinion_give          at_branch                    GET  LMMMMMMMMMFFFML
stars:opinion_give          at_branch                    POST LURUFRRFFFFFFNL
stars:opinion_give          at_committee                 POST LCCCCCCCCCFFFNL
stars:opinion_give          at_branch.unit               POST LNNNNNNNNNFFFFL
stars:opinion_give          nowhere                      POST LNNNNNNNNNFFFNL

stars:committee             at_branch                    GET  LFFFFFFRRRFFFNL
stars:committee             at_committee                 GET  LFFFFFF...FFFNL
stars:committee             publicity                    GET  LFFFFFFRRRFFFNL
stars:committee             at_committee.unit            GET  LFFFFFFNNNFFF.L
stars:committee             nowhere                      GET  LFFFFFFNNNFFFNL

stars:sitting               at_branch                    GET  LFFFFFFRRRFFFNL
stars:sitting               at_committee                 GET  LFFFFFF...FFFNL
stars:sitting               at_committee.unit            GET  LFFFFFFNNNFFF.L
stars:sitting               nowhere                      GET  LFFFFFFNNNFFFNL

stars:vote_cast             at_committee                 GET  LFFFFFFMMFFFFML
stars:vote_cast             at_committee                 POST LFFFFFFRRFFFFNL
stars:vote_cast             publicity                    POST LFFFFFFCCFFFFNL
stars:vote_cast             at_committee.unit            POST LFFFFFFNNFFFFUL
stars:vote_cast             nowhere                      POST LFFFFFFNNFFFFNL

stars:attendance            at_committee                 GET  LFFFFFFFF.FFFNL
stars:attendance            at_committee                 POST LFFFFFFFFRFFFNL
stars:attendance            at_branch                    GET  LFFFFFFFFNFFFNL
stars:attendance            at_branch                    POST LFFFFFFFFNFFFNL
stars:attendance            at_committee.unit            GET  LFFFFFFFFNFFF.L
stars:attendance            at_committee.unit            POST LFFFFFFFFNFFFRL
stars:attendance            nowhere                      GET  LFFFFFFFFNFFFNL
stars:attendance            nowhere                      POST LFFFFFFFFNFFFNL

stars:tie                   at_committee                 GET  LFFFFFFF.FFFFNL
stars:tie                   at_committee                 POST LFFFFFFFUFFFFNL
stars:tie                   at_branch                    GET  LFFFFFFFNFFFFNL
stars:tie                   at_branch                    POST LFFFFFFFNFFFFNL
stars:tie                   at_committee.unit            GET  LFFFFFFFNFFFF.L
stars:tie                   at_committee.unit            POST LFFFFFFFNFFFFUL
stars:tie                   nowhere                      GET  LFFFFFFFNFFFFNL
stars:tie                   nowhere                      POST LFFFFFFFNFFFFNL

stars:publicity             at_committee                 GET  LNNNNNNNNNFFFNL
stars:publicity             publicity                    GET  L.........FFFNL
stars:publicity             published                    GET  L.........FFFNL
stars:publicity             publicity.unit               GET  LNNNNNNNNNFFF.L
stars:publicity             nowhere                      GET  LNNNNNNNNNFFFNL

stars:objection_raise       publicity                    GET  LMMMMMMMMMFFFML
stars:objection_raise       publicity                    POST LRRRRCRRRRFFFNL
stars:objection_raise       published                    POST LCCCCCCCCCFFFNL
stars:objection_raise       publicity.unit               POST LNNNNNNNNNFFFRL
stars:objection_raise       nowhere                      POST LNNNNNNNNNFFFNL

stars:objection_handle      objection                    GET  LFFFFFFFFMFFFML
stars:objection_handle      objection                    POST LFFFFFFFFRFFFNL
stars:objection_handle      objection.unit               POST LFFFFFFFFNFFFRL
stars:objection_handle      nowhere                      POST LFFFFFFFFNFFFNL

stars:result                at_committee                 GET  LNNNNNNNNNFFFNL
stars:result                publicity                    GET  L.........FFFNL
stars:result                published                    GET  L.........FFFNL
stars:result                published.unit               GET  LNNNNNNNNNFFF.L
stars:result                nowhere                      GET  LNNNNNNNNNFFFNL

stars:export_start          published                    GET  LFFFFFFMMMFFFML
stars:export_start          published                    POST LFFFFFFRRRFFFNL
stars:export_start          publicity                    POST LFFFFFFNNNFFFNL
stars:export_start          published.unit               POST LFFFFFFNNNFFFRL
stars:export_start          nowhere                      POST LFFFFFFNNNFFFNL

stars:wall                  -                            GET  L.........FFF.L

stars:wall_round            published                    GET  L.........FFFNL
stars:wall_round            publicity                    GET  LNNNNNNNNNFFFNL
stars:wall_round            published.unit               GET  LNNNNNNNNNFFF.L
stars:wall_round            nowhere                      GET  LNNNNNNNNNFFFNL
"""


def rows() -> list[Row]:
    whole = TABLE + access_declarations.TABLE + access_facts.TABLE
    lines = (line.partition("#")[0].split() for line in whole.splitlines())
    return [Row(*cells) for cells in lines if cells]


@cache
def _first_rows() -> dict:
    found = {}
    for row in rows():
        found.setdefault((row.name, row.method), row)
    return found


def shut_before(row: Row) -> dict[str, str]:
    """Roles that the first line of the same route shuts out by its gate, which asks for no thing:
    said again on this line, it need not be tried again."""
    first = _first_rows()[row.name, row.method]
    if first == row:
        return {}
    triples = zip(ROLES, first.expected, row.expected, strict=True)
    return {role: here for role, there, here in triples if here == there and here in "LF"}


def new_key() -> str:
    return str(uuid.uuid4())


def request_of(row: Row, world) -> tuple[str, dict]:
    """Its address and, for a POST, a body that would do."""
    target = TARGETS[row.thing](world)
    url = reverse(row.name, args=[] if target is None else [getattr(target, "pk", target)])
    body = (
        BODIES.get(row.name, lambda world, thing: {})(world, target) if row.method == "POST" else {}
    )
    return url, {"idem": new_key()} | body


def letter_of(answer) -> str:
    if answer.status_code == 302:
        return "L" if answer["Location"].startswith("/sign-in/?next=") else "R"
    return LETTERS.get(answer.status_code, "!")


def methods_of(view) -> set[str]:
    """GET and POST, where the view's own decorator does not say otherwise."""
    inner = view
    while inner is not None:
        for cell in getattr(inner, "__closure__", None) or ():
            listed = cell.cell_contents
            if isinstance(listed, (list, tuple)) and set(listed) & {"GET", "POST"}:
                return set(listed) & {"GET", "POST"}
        inner = getattr(inner, "__wrapped__", None)
    return {"GET"}


def compare(expected: str, found: str) -> str:
    return "\n".join(
        f"{role}: {wanted} expected, {got} found"
        for role, wanted, got in zip(ROLES, expected, found, strict=True)
        if wanted != got
    )


def clock_file() -> str:
    return os.environ["CLOCK_FILE"]
