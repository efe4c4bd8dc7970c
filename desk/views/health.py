from django.http import JsonResponse

from scheme import guards
from scheme.access import open_to_all


@open_to_all
def health(request):
    """For the load balancer: the process answers, reaches its database, and the guards stand.

    Without them nothing may be written, so no traffic should come here.
    """
    if missing := guards.missing():
        return JsonResponse({"status": "guards missing", "guards": sorted(missing)}, status=503)
    return JsonResponse({"status": "ok"})
