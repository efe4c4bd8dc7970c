"""Writing and innovation."""

urlpatterns = []
