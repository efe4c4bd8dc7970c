"""What is done to a task under way."""

from django.urls import path

from ledgers.views import board, notes, supervision

urlpatterns = [
    path("supervision/", board.board, name="board"),
    path("supervision/workbook/", board.board_workbook, name="board_workbook"),
    path("supervision/lights/", supervision.light_settings, name="light_settings"),
    path("supervision/tasks/<int:pk>/<slug:act>/", supervision.supervise, name="supervise"),
    path("supervision/notes/", notes.note_list, name="note_list"),
    path("supervision/notes/<int:pk>/", notes.note_detail, name="note_detail"),
    path("supervision/notes/<int:pk>/<slug:act>/", notes.note_act, name="note_act"),
]
