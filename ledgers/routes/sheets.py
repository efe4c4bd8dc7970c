"""周例会, 一月一结, 年终述职."""

urlpatterns = []
