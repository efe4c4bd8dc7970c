from django.db import connection
from django.http import JsonResponse

from scheme.access import open_to_all


@open_to_all
def health(request):
    """For the load balancer: the process answers and reaches its database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})
