"""每周一学, 两周一讲."""

urlpatterns = []
