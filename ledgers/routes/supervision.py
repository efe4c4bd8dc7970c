"""What is done to a task under way."""

urlpatterns = []
