from django.urls import path

from stars.views import documents, wall

urlpatterns = [
    path("wall/", wall.wall, name="wall"),
    path("wall/screen/", wall.wall_screen, name="wall_screen"),
    path("wall/history/", wall.wall_history, name="wall_history"),
    path("wall/<int:pk>/", wall.wall_round, name="wall_round"),
    path("wall/<int:pk>/poster/", wall.wall_poster, name="wall_poster"),
    path("rounds/<int:pk>/contact/", documents.round_contact, name="round_contact"),
    path("rounds/<int:pk>/notice/", documents.notice_word, name="notice_word"),
    path("rounds/<int:pk>/memo/", documents.memo_word, name="memo_word"),
    path("rounds/<int:pk>/circular/", documents.circular_word, name="circular_word"),
    path("nominations/<int:pk>/dossier/", documents.dossier_word, name="dossier_word"),
]
